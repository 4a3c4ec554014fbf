#pragma once

namespace laconic::commands {

/// Whether the command is one of Python's: plot or report.
bool is_analysis(const char* command);

/// `laconic plot ...` and `laconic report ...`: becomes analysis/ in Python, with the rest of the command line as it
/// is. Returns only if that fails: exit code 2.
int run_analysis(int argc, char** argv);

}  // namespace laconic::commands
