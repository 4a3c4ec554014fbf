#pragma once

#include <stdexcept>
#include <string>

namespace laconic {

/// A mistake in something the user gave: a scenario, a data file, a command line.
/// what() is one or more whole lines meant for the user's eyes, each "<where>: <expected what>, got <what>",
/// where <where> is "file: /json/pointer", "file:line:column" or the option's name. Exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Something failed while running that no input could have foretold (disk full, network dead). Exit code 3.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace laconic
