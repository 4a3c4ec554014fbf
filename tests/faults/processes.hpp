#pragma once

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <set>

#include "tests/faults/faults.hpp"

// Processes that a test looks at, and ends.

namespace laconic::tests {

// Looks again until it is so; what never comes fails the test.
template <class Condition>
void until(const Condition& condition) {
  constexpr timespec short_while{0, 5'000'000};
  for (int looks = 0; !condition(); ++looks) {
    REQUIRE(looks < 6000);
    ppoll(nullptr, 0, &short_while, nullptr);
  }
}

struct Process {
  char state = 0;
  pid_t parent = 0;
  long ticks = 0;  // of CPU
};

inline Process look_at(pid_t pid) {
  const std::string stat = text_of(fmt::format("/proc/{}/stat", pid));  // "pid (name) state parent ..."
  Process out;
  if (stat.empty()) return out;
  std::istringstream in(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  in >> out.state >> out.parent;
  for (int i = 0; i < 9; ++i) in >> skipped;
  in >> out.ticks;
  return out;
}

inline bool alive(pid_t pid) {
  const char state = look_at(pid).state;
  return state != 0 && state != 'Z' && state != 'X';
}

inline std::set<pid_t> descendants(pid_t ancestor) {
  std::set<pid_t> out{ancestor};
  for (std::size_t before = 0; before != out.size();) {
    before = out.size();
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != name.npos) continue;
      const pid_t pid = std::stoi(name);
      if (out.contains(look_at(pid).parent)) out.insert(pid);
    }
  }
  out.erase(ancestor);
  return out;
}

inline Finished ended(const Folder& here, pid_t pid) {
  int status = 0;
  until([&] { return waitpid(pid, &status, WNOHANG) == pid; });
  REQUIRE(WIFEXITED(status));
  return {WEXITSTATUS(status), text_of(here.path / ".out"), text_of(here.path / ".err")};
}

inline nlohmann::json told(const fs::path& file) { return nlohmann::json::parse(text_of(file)); }

}  // namespace laconic::tests
