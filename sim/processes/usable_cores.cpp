#include "sim/processes/usable_cores.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace laconic::processes {
namespace {

namespace fs = std::filesystem;

// A machine may have more cores than cpu_set_t has bits: the kernel refuses a set that is too small.
std::size_t in_affinity_mask() {
  for (std::size_t bits = 1024; bits <= (std::size_t{1} << 20); bits *= 2) {
    std::vector<unsigned long> words(bits / (8 * sizeof(unsigned long)));
    auto* const set = reinterpret_cast<cpu_set_t*>(words.data());
    const std::size_t bytes = words.size() * sizeof(unsigned long);
    if (sched_getaffinity(0, bytes, set) == 0) return static_cast<std::size_t>(CPU_COUNT_S(bytes, set));
  }
  return std::thread::hardware_concurrency();
}

std::optional<double> cores_of(double quota, double period) {
  if (!(quota > 0 && period > 0)) return {};  // -1: no limit
  return quota / period;
}

// "150000 100000" or "max 100000", which is no number.
std::optional<double> version_2(const fs::path& group) {
  double quota = 0, period = 0;
  if (std::ifstream(group / "cpu.max") >> quota >> period) return cores_of(quota, period);
  return {};
}

std::optional<double> version_1(const fs::path& group) {
  double quota = 0, period = 0;
  if (std::ifstream(group / "cpu.cfs_quota_us") >> quota && std::ifstream(group / "cpu.cfs_period_us") >> period)
    return cores_of(quota, period);
  return {};
}

// The limit of a group holds for all below it. In a container the path may be the one that the host sees, of which the
// container has the last part alone, as its root.
template <class Read>
double least_up_from(const fs::path& mount, const std::string& path, const Read& read, double most) {
  for (fs::path at = fs::path(path).relative_path();; at = at.parent_path()) {
    if (const auto cores = read(mount / at)) most = std::min(most, *cores);
    if (at.empty()) return most;
  }
}

bool names_cpu(std::string_view controllers) {
  for (std::size_t at = 0; at <= controllers.size();) {
    const std::size_t end = std::min(controllers.find(',', at), controllers.size());
    if (controllers.substr(at, end - at) == "cpu") return true;
    at = end + 1;
  }
  return false;
}

// Lines such as "0::/user.slice" (version 2) and "4:cpu,cpuacct:/docker/f00".
double in_control_groups(const fs::path& root, double most) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (controllers.empty()) {
      for (const fs::path& mount : {mounts, mounts / "unified"}) most = least_up_from(mount, path, version_2, most);
    } else if (names_cpu(controllers)) {
      for (const fs::path& mount : {mounts / "cpu", mounts / controllers})
        most = least_up_from(mount, path, version_1, most);
    }
  }
  return most;
}

std::optional<std::size_t> given_by_slurm() {
  for (const char* name : {"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"}) {
    const char* text = std::getenv(name);
    if (!text) continue;
    std::size_t cores = 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), cores);
    if (error == std::errc{} && *end == '\0' && cores > 0) return cores;
  }
  return {};
}

}  // namespace

std::size_t usable_cores(const fs::path& root) {
  std::size_t cores = std::max<std::size_t>(1, in_affinity_mask());
  cores = static_cast<std::size_t>(in_control_groups(root, static_cast<double>(cores)));
  if (const auto slurm = given_by_slurm()) cores = std::min(cores, *slurm);
  return std::max<std::size_t>(1, cores);
}

}  // namespace laconic::processes
