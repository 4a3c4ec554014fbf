#include "sim/deploy/rows.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "algorithms/base/error.hpp"

namespace laconic::deploy {

Rows::Rows(std::FILE* to) : to_(to), in_(open_memstream(&text_, &size_)) {
  if (!in_) throw RunError("not enough memory");
}

Rows::~Rows() {
  std::fclose(in_);
  std::free(text_);
}

void Rows::pass_on() {
  std::fflush(in_);
  if (size_ == 0) return;
  std::string out;
  for (std::string_view rest(text_, size_); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
    out += fmt::format("{}{}\n", rest.substr(0, rest.find('\n')), more_);
  std::fseek(in_, 0, SEEK_SET);
  std::fflush(in_);
  if (std::fwrite(out.data(), 1, out.size(), to_) != out.size() || std::fflush(to_) != 0)
    throw RunError(fmt::format("cannot write the trajectory: {}", std::strerror(errno)));
}

}  // namespace laconic::deploy
