#include "sim/processes/usable_cores.hpp"

#include <sched.h>
#include <stdlib.h>

#include "sim/processes/cores.hpp"
#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

using namespace laconic::processes;
using namespace laconic::tests;

namespace {

// In a process of its own, whose environment and mask are its own, too. "8": as many as the mask has.
std::string cores_seen(const fs::path& root, const std::vector<std::pair<const char*, const char*>>& environment) {
  return in_child([&] {
    for (const char* name : {"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"}) unsetenv(name);
    for (const auto& [name, value] : environment) setenv(name, value, 1);
    return std::to_string(usable_cores(root));
  });
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("cores are those of the affinity mask") {
  const Folder none;
  CHECK(in_child([&] {
          for (const char* name : {"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"}) unsetenv(name);
          cpu_set_t set;
          sched_getaffinity(0, sizeof set, &set);
          int first = 0;
          while (!CPU_ISSET(first, &set)) ++first;
          CPU_ZERO(&set);
          CPU_SET(first, &set);
          sched_setaffinity(0, sizeof set, &set);
          return std::to_string(usable_cores(none.path)) + ' ' + std::to_string(Cores(0, 0).processes());
        }) == "1 1");
}

TEST_CASE("cores are at most those that Slurm gave the task") {
  const Folder none;
  const std::string all = cores_seen(none.path, {});
  CHECK(cores_seen(none.path, {{"SLURM_CPUS_PER_TASK", "1"}}) == "1");
  CHECK(cores_seen(none.path, {{"SLURM_CPUS_ON_NODE", "1"}}) == "1");
  CHECK(cores_seen(none.path, {{"SLURM_CPUS_PER_TASK", "100000"}, {"SLURM_CPUS_ON_NODE", "1"}}) == all);
  for (const char* nonsense : {"", "0", "-3", "2(x4)", "many"})
    CHECK(cores_seen(none.path, {{"SLURM_CPUS_PER_TASK", nonsense}}) == all);
}

TEST_CASE("cores are at most the whole ones that control groups of either version grant, and those above them") {
  const Folder none;
  const std::string all = cores_seen(none.path, {});
  struct Case {
    const char *groups, *file, *text, *cores;
  };
  for (const Case& c :
       {Case{"0::/a/b\n", "a/b/cpu.max", "100000 100000\n", "1"},
        Case{"0::/a/b\n", "a/cpu.max", "150000 100000\n", "1"}, Case{"0::/\n", "cpu.max", "100000 100000\n", "1"},
        Case{"0::/a/b\n", "cpu.max", "1000 100000\n", "1"},
        Case{"1:name=systemd:/\n0::/a\n", "unified/a/cpu.max", "100000 100000\n", "1"},
        Case{"0::/a/b\n", "a/b/cpu.max", "max 100000\n", all.c_str()},
        Case{"0::/a/b\n", "a/b/c/cpu.max", "100000 100000\n", all.c_str()},
        Case{"4:cpu,cpuacct:/docker/f00\n", "cpu,cpuacct/docker/f00/cpu.cfs_quota_us", "100000\n", "1"},
        Case{"4:cpu,cpuacct:/docker/f00\n", "cpu/cpu.cfs_quota_us", "199999\n", "1"},
        Case{"4:cpu,cpuacct:/docker/f00\n", "cpu/cpu.cfs_quota_us", "-1\n", all.c_str()},
        Case{"4:cpuset:/docker/f00\n", "cpuset/cpu.cfs_quota_us", "100000\n", all.c_str()}}) {
    INFO(c.groups << c.file << ' ' << c.text);
    const Folder root;
    put(root.path / "proc/self/cgroup", c.groups);
    const fs::path file = root.path / "sys/fs/cgroup" / c.file;
    put(file, c.text);
    if (file.filename() == "cpu.cfs_quota_us") put(file.parent_path() / "cpu.cfs_period_us", "100000\n");
    CHECK(cores_seen(root.path, {}) == c.cores);
  }
}
