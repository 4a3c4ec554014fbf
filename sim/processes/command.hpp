#pragma once

#include <string>
#include <vector>

namespace laconic::processes {

/// What another program said, and its exit code; that of one that a signal ended is 128 and the signal.
struct Said {
  int code = 0;
  std::string out, err;
  /// Its first words on the error stream, or else on the output, in one line.
  std::string words() const;
};

/// Runs a program that is found in the PATH, without input. Throws InputError "<name>: ..." if it cannot be started.
Said run_command(const std::vector<std::string>& command);

}  // namespace laconic::processes
