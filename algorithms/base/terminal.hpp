#pragma once

#include <cstddef>

namespace laconic {

/// How many columns the terminal behind a file descriptor has; 0 where there is no terminal, or it does not tell.
std::size_t terminal_columns(int fd);

/// Whether a line can be painted over there: not in a file, a pipe, or a terminal that calls itself dumb.
bool can_repaint(int fd);

}  // namespace laconic
