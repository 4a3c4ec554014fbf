#include "sim/commands/deploy_choice.hpp"

#include "sim/commands/option_values.hpp"

namespace laconic::commands {

void add_deploy_options(CLI::App* command, deploy::DeployOptions& options) {
  command->add_option("--ranks", options.ranks, "start so many processes by mpirun, the server's among them")
      ->type_name("N")
      ->transform(whole_number(1, 4096, "a whole number from 1 to 4096"));
  command->add_option("--host", options.hosts, "where mpirun is to start them: its option of that name")
      ->type_name("HOSTS")
      ->needs("--ranks");
  command->add_option("--mpirun", options.mpirun, "more arguments of mpirun's")
      ->type_name("\"ARGS\"")
      ->needs("--ranks");
  command->add_flag("--send-data", options.send_data,
                    "rank 0 sends the scenario's files to the others, which have none");
  command->add_flag("--as-rank", options.as_rank)->group("");
}

}  // namespace laconic::commands
