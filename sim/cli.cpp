#include "sim/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "algorithms/core/error.hpp"
#include "sim/describe.hpp"
#include "sim/provenance.hpp"
#include "sim/run.hpp"

namespace laconic {
namespace {

constexpr int done = 0, bad_input = 2, run_failed = 3;

int validate(const std::vector<std::string>& files, const ScenarioOptions& options) {
  int code = done;
  for (const auto& file : files) {
    try {
      const Scenario s = load_scenario(file, options);
      const auto [low, high] = std::minmax_element(s.problem.L_m.begin(), s.problem.L_m.end());
      fmt::print("{}: ok: {} algorithms, {} workers, {}, n = {}, d = {}, L = {:.6g}, L_m = {:.6g} .. {:.6g}{}\n", file,
                 s.algorithms.size(), s.problem.M(), s.data.name, s.data.samples, s.problem.d, s.problem.L, *low, *high,
                 s.problem.optimum ? fmt::format(", optimum {:.6g}", *s.problem.optimum) : "");
    } catch (const InputError& e) {
      fmt::print(stderr, "{}\n", e.what());
      code = bad_input;
    }
  }
  return code;
}

}  // namespace

int command_line(int argc, char** argv) {
  CLI::App app{
      "Laconic simulates communication-efficient distributed learning: loss against bits and wall-clock time on a "
      "network of your choice."};
  app.name("laconic");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line());
  app.failure_message(CLI::FailureMessage::help);

  ScenarioOptions scenario;
  RunOptions run;
  std::string file, name, out;
  std::vector<std::string> files;
  std::uint64_t seed = 0;
  const auto add_overrides = [&](CLI::App* command) {
    command->add_option("--set", scenario.set, "replace a value of the scenario, e.g. --set /platform/latency=10ms")
        ->type_name("/POINTER=VALUE")
        ->allow_extra_args(false);
    command->add_option("--seed", seed, "replace the scenario's seed")->type_name("N");
  };

  CLI::App* run_command = app.add_subcommand("run", "simulate a scenario and write its CSV files");
  run_command->add_option("SCENARIO", file, "a scenario file (JSON)")->required();
  run_command->add_option("--out", out, "the folder for the results (default: results/<name>)")->type_name("DIR");
  run_command->add_option("--jobs", run.jobs, "algorithms run at a time (default: the cores)")
      ->check(CLI::Range(1, 4096));
  run_command->add_option("--progress", run.progress, "a progress line: auto (on a terminal), always or never")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Progress>{
          {"auto", Progress::automatic}, {"always", Progress::always}, {"never", Progress::never}}))
      ->type_name("WHEN");
  run_command->add_flag("--force", run.force, "replace an existing result");
  add_overrides(run_command);

  CLI::App* validate_command = app.add_subcommand("validate", "read and build everything, simulate nothing");
  validate_command->add_option("SCENARIO", files, "scenario files (JSON)")->required();
  add_overrides(validate_command);

  CLI::App* list_command = app.add_subcommand("list", "every name a scenario may use");
  list_command->add_option("KIND", name, "methods, compressors, triggers, problems, data, platforms, ...");

  CLI::App* describe_command = app.add_subcommand("describe", "what a name means: box, parameters, bits, source");
  describe_command->add_option("NAME", name, "e.g. le-signgd, scaled-sign, star")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? done : bad_input;
  }
  for (CLI::App* command : {run_command, validate_command})
    if (command->count("--seed")) scenario.seed = seed;
  run.out = out;

  try {
    if (*run_command) return run_scenario(load_scenario(file, scenario), run);
    if (*validate_command) return validate(files, scenario);
    if (*list_command) fmt::print("{}", list_names(name));
    if (*describe_command) fmt::print("{}", describe(name));
    return done;
  } catch (const InputError& e) {
    fmt::print(stderr, "{}\n", e.what());
    return bad_input;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "laconic: out of memory\n");
    return run_failed;
  } catch (const std::exception& e) {
    fmt::print(stderr, "laconic: {}\n", e.what());
    return run_failed;
  }
}

}  // namespace laconic
