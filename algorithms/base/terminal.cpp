#include "algorithms/base/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace laconic {

std::size_t terminal_columns(int fd) {
  winsize window{};
  return ioctl(fd, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
}

bool can_repaint(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) && !(kind && std::string_view(kind) == "dumb");
}

}  // namespace laconic
