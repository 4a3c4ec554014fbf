#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/text.hpp"
#include "algorithms/graphs/links.hpp"

namespace laconic::graphs {
namespace {

// One line of a file of edges, read token by token.
struct EdgeLine {
  const std::string& file;
  int number, M;
  std::string_view text;
  std::size_t at = 0;

  bool ended() {
    at = std::min(text.find_first_not_of(" \t", at), text.size());
    return at == text.size();
  }

  [[noreturn]] void refuse(std::size_t column, const std::string& what) const {
    throw InputError(fmt::format("{}:{}:{}: {}", file, number, column + 1, what));
  }

  int node() {
    const std::string expected = fmt::format("a worker's number, 0 to {}", M - 1);
    if (ended()) refuse(at, fmt::format("expected {}, got the end of the line", expected));
    const std::size_t start = at;
    at = std::min(text.find_first_of(" \t", at), text.size());
    const auto token = text.substr(start, at - start);
    int value = -1;
    const auto [end, fault] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (fault != std::errc() || end != token.data() + token.size() || value < 0 || value >= M)
      refuse(start, fmt::format("expected {}, got {}", expected, shown_token(token)));
    return value;
  }
};

}  // namespace

std::vector<Lists> edge_list(Params& in, const Facts& facts) {
  const bool directed = in.flag("directed", false, "whether the first node of a line sends to the second alone");
  const auto name =
      find_file(in, "path", "two node numbers a line, from 0 on; # begins a comment", facts.folder).string();
  const std::string content = read_input(name);
  Links links(facts.M, in.where("path"));
  std::string_view rest = content;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    text = text.substr(0, text.find('#'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    EdgeLine line{name, number, facts.M, text};
    if (line.ended()) continue;
    const int a = line.node(), b = line.node();
    if (!line.ended()) line.refuse(line.at, "expected the end of the line after two numbers");
    if (a == b) line.refuse(0, fmt::format("expected two different workers, got {} twice", a));
    directed ? links.one_way(a, b) : links.both_ways(a, b);
  }
  return {links.take()};
}

}  // namespace laconic::graphs
