#include "algorithms/base/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <tuple>

#include "algorithms/base/human_units.hpp"

namespace laconic {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

// The number a file consists of; nothing for "max", or where there is no such file.
std::optional<double> number_in(const std::string& path) {
  double value = 0;
  if (std::ifstream(path) >> value) return value;
  return {};
}

double of_machine() {
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  for (double kilobytes = 0; in >> key >> kilobytes; std::getline(in, unit))
    if (key == "MemAvailable:") return 1024 * kilobytes;
  return unlimited;
}

// The folder of this process's control group of version 2, which a container sees as the root.
std::string own_group() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/") && line.size() > 4) return "/sys/fs/cgroup" + line.substr(3) + "/";
  return "/sys/fs/cgroup/";
}

// What the control group (version 2, or 1) has not used; what it caches of files it can give back.
double of_group(const std::string& root) {
  for (const auto& [limit, used, statistics, cache] :
       {std::tuple{"memory.max", "memory.current", "memory.stat", "inactive_file"},
        std::tuple{"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat",
                   "total_inactive_file"}}) {
    const auto most = number_in(root + limit), now = number_in(root + used);
    if (!most || !now) continue;
    double free = *most - *now;
    std::ifstream in(root + statistics);
    std::string key;
    for (double bytes = 0; in >> key >> bytes;)
      if (key == cache) free += bytes;
    return free;
  }
  return unlimited;
}

double of_address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const double pages = number_in("/proc/self/statm").value_or(0);
  return static_cast<double>(limit.rlim_cur) - pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

double available_memory() {
  return std::max(0.0,
                  std::min({of_machine(), of_group(own_group()), of_group("/sys/fs/cgroup/"), of_address_space()}));
}

std::string memory_shortage(double bytes) {
  const double free = available_memory();
  if (bytes <= free) return "";
  return fmt::format(" needs about {} of memory, and {} are available", human(bytes, "B"), human(free, "B"));
}

}  // namespace laconic
