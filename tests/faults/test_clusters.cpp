#include <stdlib.h>

#include "tests/faults/faults.hpp"

// Sweeps in shards and on Slurm, as users get them wrong; Slurm's commands are scripts here. A real one has a test of
// its own, tests/slurm/run.sh.

using namespace laconic::tests;

namespace {

// A folder with programs, which alone are in the PATH, and a sweep.
struct Cluster : Faults {
  Cluster() {
    nlohmann::json source = {{"name", "s"},
                             {"workers", 2},
                             {"problem", {{"type", "logistic"}}},
                             {"data", {{"type", "gaussian"}, {"samples", 10}, {"features", 2}}},
                             {"platform", {{"type", "star"}}},
                             {"algorithms", {{{"method", "gd"}}}},
                             {"stop", {{"rounds", 3}}},
                             {"sweep", {{"/seed", {1, 2, 3}}, {"/platform/latency", {"1ms", "2ms"}}}}};
    write("s.json", source);
    fs::create_directory(path / "bin");
    setenv("PATH", (path / "bin").c_str(), 1);
  }
  void program(const std::string& name, const std::string& body) const {
    const fs::path file = path / "bin" / name;
    std::ofstream(file) << "#!/bin/bash\n" << body << "\n";
    fs::permissions(file, fs::perms::owner_all);
  }
  Finished sweep(std::vector<std::string> more) const {
    more.insert(more.begin(), {"sweep", "s.json", "--out", "r"});
    return laconic(more);
  }
};

}  // namespace

TEST_CASE("shards that cannot be are refused") {
  const Cluster here;
  for (const char* shard : {"0/3", "4/3", "1/0", "0/0", "-1/3", "1/", "/3", "1", "", "a/b", "1/2/3", "1.5/3", "1/1e9",
                            "99999999999999999999/99999999999999999999"})
    check_refused(here.sweep({"--shard", shard}), {"--shard: ", "such as 3/10, got "});
  check_refused(here.sweep({"--shard", "1/3", "--merge"}), {"--shard, --merge: expected one of them"});
  check_refused(here.sweep({"--shard", "1/3", "--on", "slurm"}), {"--shard: expected without --on"});
  check_refused(here.sweep({"--shard", "1/3", "--force"}), {"--force: not with --shard"});
  for (const char* option : {"--merge", "--collect", "--status", "--cancel"})
    check_refused(here.sweep({option}), {"r: expected a folder that a sweep was begun in"});
  CHECK_FALSE(fs::exists(here.path / "r"));
}

TEST_CASE("options for a scheduler are refused without one, and where Slurm is not") {
  const Cluster here;
  check_refused(here.sweep({"--array", "5"}), {"--array: expected --on slurm beside it"});
  check_refused(here.sweep({"--sbatch", "--time=5"}), {"--sbatch: expected --on slurm beside it"});
  check_refused(here.sweep({"--on", "sge"}), {"--on: expected \"slurm\", got \"sge\"; --shard works with any other"});
  check_refused(here.sweep({"--on", "slurm"}), {"--on: sbatch: cannot be started: No such file", "login node"});
  for (const char* array : {"0", "-2", "many", "1-5", "1e9"})
    check_refused(here.sweep({"--on", "slurm", "--array", array}), {"--array: expected a whole number from 1 to "});
  check_refused(here.sweep({"--on", "slurm", "--status", "--array", "3"}), {"--status: submits nothing"});
  CHECK_FALSE(fs::exists(here.path / "r"));
}

TEST_CASE("what sbatch is given, and what it refuses, is told in its words") {
  const Cluster here;
  here.program("sbatch",
               "[ $1 = --version ] && exit; echo 'sbatch: error: invalid partition specified: nope' >&2\n"
               "echo 'sbatch: error: Batch job submission failed' >&2; exit 1");
  check_refused(here.sweep({"--on", "slurm", "--sbatch", "short"}),
                {"--sbatch: expected sbatch's options", "\"short\""});
  check_refused(here.sweep({"--on", "slurm", "--sbatch", "--comment='no end"}), {"--sbatch: expected a quote to end"});
  for (const char* own : {"--array=1-3", "-a1-3", "--wrap=ls", "--parsable"})
    check_refused(here.sweep({"--on", "slurm", "--sbatch", own}), {"--sbatch: ", "is set by laconic"});
  check_refused(here.sweep({"--on", "slurm"}),
                {"--on: sbatch refuses: sbatch: error: invalid partition specified: nope "});
}

TEST_CASE("a job is submitted once, with the options given, told of, cancelled, and does what is missing") {
  const Cluster here;
  here.program("sbatch", "[ $1 = --version ] && exit; printf '%s\\n' \"$@\" > sbatch.txt; echo '17;big'");
  here.program("squeue", "echo '1 RUNNING None'; echo '2 PENDING Resources'");
  here.program("scancel", "printf '%s' \"$*\" > scancel.txt");
  const auto run = here.sweep({"--on", "slurm", "--array", "2", "--set", "/stop/rounds=4", "--sbatch",
                               "--partition=a, --time=1:00 --comment=\"two words\""});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(run.out == "job 17: 2 tasks, 6 of 6 runs, about 1.00 s of computing each\n");
  CHECK(text_of(here.path / "sbatch.txt") ==
        "--parsable\n--partition=a\n--time=1:00\n--comment=two words\nr/points/slurm/batch.sh\n");
  const std::string script = text_of(here.path / "r/points/slurm/batch.sh");
  for (const char* line : {"#SBATCH --array=1-2\n", "#SBATCH --requeue\n", " sweep s.json --set /stop/rounds=4 ",
                           " --shard \"$SLURM_ARRAY_TASK_ID/2\"\n"})
    CHECK(script.find(line) != std::string::npos);
  const std::vector<std::string> same{"--set", "/stop/rounds=4"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), same.begin(), same.end());
    return here.sweep(more);
  };
  check_refused(with({"--on", "slurm"}), {"--on: job 17 is at work in r: --status shows how far it is"});
  CHECK(with({"--status"}).out ==
        "0 of 6 runs are done, 0 failed, 6 are missing\njob 17: 1 task running, 1 waiting (Resources)\n"
        "how long it takes is not known yet\n");
  CHECK(with({"--cancel"}).code == 0);
  CHECK(text_of(here.path / "scancel.txt") == "17");
  // A task is the script.
  here.program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
  setenv("SLURM_ARRAY_TASK_ID", "2", 1);
  CHECK(system(("/bin/bash " + (here.path / "r/points/slurm/batch.sh").string() + " > /dev/null").c_str()) == 0);
  const auto status = with({"--status"});
  CHECK(status.out.find("\njob 17: over; the same command submits what is left\nended too soon: task 1\n") !=
        std::string::npos);
  CHECK(with({"--collect"}).code == 3);
  // A scenario that was changed since is not what was submitted.
  CHECK(here.sweep({"--shard", "1/2"}).code == 2);
  setenv("SLURM_ARRAY_TASK_ID", "1", 1);
  CHECK(system(("/bin/bash " + (here.path / "r/points/slurm/batch.sh").string() + " > /dev/null").c_str()) == 0);
  CHECK(names_in(here.path / "r") == std::vector<std::string>{"summary.csv", "sweep.json", "trajectory.csv"});
  REQUIRE(here.laconic({"sweep", "s.json", "--set", "/stop/rounds=4", "--out", "whole"}).code == 0);
  for (const char* table : {"trajectory.csv", "summary.csv"})
    CHECK(text_of(here.path / "r" / table) == text_of(here.path / "whole" / table));
}
