#include "algorithms/problems/torch/words.hpp"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "algorithms/base/text.hpp"

namespace laconic::problems {
namespace {

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// What stands behind "RuntimeError: " or "builtins.ValueError: "; empty if the line does not begin so.
std::string behind_kind(const std::string& line) {
  const auto colon = line.find(": ");
  if (colon == line.npos || line.find(' ') < colon) return "";
  const std::string kind = line.substr(0, colon);
  return kind.ends_with("Error") || kind.ends_with("Exception") ? trimmed(line.substr(colon + 2)) : "";
}

bool holds(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

std::string torch_reason(const std::exception& e) {
  const auto* own = dynamic_cast<const c10::Error*>(&e);
  const auto lines = lines_of(own ? own->what_without_backtrace() : e.what());
  std::string reason, statement;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (auto told = behind_kind(lines[i]); !told.empty()) reason = std::move(told);
    if (i > 0 && holds(lines[i], "<--- HERE")) statement = trimmed(lines[i - 1]);
  }
  for (std::size_t i = 0; i < lines.size() && reason.empty(); ++i) reason = trimmed(lines[i]);
  if (const auto at = reason.find("] . "); reason.starts_with("[enforce fail at") && at != reason.npos)
    reason.erase(0, at + 4);
  while (!reason.empty() && (reason.back() == '.' || reason.back() == ':')) reason.pop_back();
  constexpr std::size_t most = 300;
  if (reason.size() > most) reason = reason.substr(0, most) + "...";
  return printable(statement.empty() ? reason : fmt::format("{} (in {})", reason, shown_token(statement)));
}

std::string load_reason(const std::filesystem::path& file, const std::exception& e) {
  const std::string reason = torch_reason(e), name = file.filename().string();
  const std::string mend = fmt::format("torch.jit.script(model).save(\"{}\") makes one", name);
  std::ifstream in(file, std::ios::binary);
  char begin[2] = {};
  in.read(begin, sizeof begin);
  if (in.gcount() == 0) return fmt::format("is empty, and no TorchScript module: {}", mend);
  const bool zip = begin[0] == 'P' && begin[1] == 'K';
  if (!zip) return fmt::format("is no TorchScript module: {}", mend);
  if (holds(reason, "central directory") || holds(reason, "ZIP archive") || holds(reason, "zip archive"))
    return fmt::format("is truncated or damaged ({}): copy or export it again", reason);
  if (holds(reason, "constants.pkl"))
    return fmt::format("holds weights or a pickled model, as torch.save writes them, and no TorchScript module: {}",
                       mend);
  if (holds(reason, "Unknown builtin op"))
    return fmt::format("needs an operator that this libtorch does not have: {}", reason);
  return fmt::format("cannot be loaded by this libtorch: {}", reason);
}

std::string shape_text(at::IntArrayRef sizes) {
  return fmt::format("[{}]", fmt::join(sizes.begin(), sizes.end(), ", "));
}

}  // namespace laconic::problems
