#pragma once

namespace laconic::commands {

/// The command line. Exit code: 0 done, 2 the input is wrong, 3 the run failed.
int command_line(int argc, char** argv);

}  // namespace laconic::commands
