#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"

// The program as its users meet it.

namespace laconic::tests {

namespace fs = std::filesystem;

struct Finished {
  int code;
  std::string out, err;
};

inline std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A folder of its own, which is also where the program runs.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "laconic-cli-").string() + std::string(6, 'X');  // mkdtemp's
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::permissions(path, fs::perms::owner_all, ignored);
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;

  /// `leads`: a process group of its own, to be killed as a whole.
  pid_t start(const std::vector<std::string>& arguments, bool leads = false) const {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    if (leads) setpgid(0, 0);
    if (chdir(path.c_str()) != 0) _exit(99);
    const auto redirect = [&](const char* name, int to) {
      const int file = open((path / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (file < 0 || dup2(file, to) < 0) _exit(98);
    };
    redirect(".out", STDOUT_FILENO);
    redirect(".err", STDERR_FILENO);
    std::vector<char*> argv{const_cast<char*>(LACONIC_BINARY)};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(97);
  }

  Finished finish(pid_t pid) const {
    int status = 0;
    waitpid(pid, &status, 0);
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), text_of(path / ".out"), text_of(path / ".err")};
  }

  Finished laconic(const std::vector<std::string>& arguments) const { return finish(start(arguments)); }

  void write(const char* name, const nlohmann::json& value) const { std::ofstream(path / name) << value.dump(1); }

  fs::path path;
};

inline std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace laconic::tests
