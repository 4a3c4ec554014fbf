#include "sim/results/table_lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::results {
namespace {

constexpr std::size_t longest = std::size_t{1} << 20;

}  // namespace

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

double number_of(const std::string& field, const std::string& where) {
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  double x = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), x);
  if (error != std::errc{} || end != field.data() + field.size())
    throw InputError(fmt::format("{}: expected a number, got {}", where, shown(field)));
  return x;
}

TableLines::TableLines(const std::filesystem::path& path)
    : path_(path.string()), file_(gzopen(path.c_str(), "rb"), &gzclose), buffer_(std::size_t{1} << 16) {
  std::error_code error;
  if (!file_ || std::filesystem::is_directory(path, error)) throw InputError(path_ + ": cannot read");
}

TableLines::TableLines(std::string_view text, std::string name)
    : path_(std::move(name)), file_(nullptr, &gzclose), buffer_(text.begin(), text.end()), filled_(text.size()) {}

std::string TableLines::where() const { return fmt::format("{}:{}", path_, number_); }

bool TableLines::next(std::string& line) {
  line.clear();
  ++number_;
  for (;;) {
    const auto rest = std::string_view(buffer_.data(), filled_).substr(at_);
    const auto end = rest.find('\n');
    line += rest.substr(0, end);
    if (line.size() > longest) throw InputError(fmt::format("{}: longer than {} bytes: no row is", where(), longest));
    if (end != rest.npos) {
      at_ += end + 1;
      break;
    }
    if (fill()) continue;
    if (line.empty()) return false;
    throw InputError(where() + ": ends without a line break: the file was cut short");
  }
  if (line.find('\0') != line.npos) throw InputError(where() + ": holds a zero byte: the file is damaged");
  return true;
}

bool TableLines::fill() {
  if (!file_) return false;
  at_ = 0;
  const int got = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int code = Z_OK;
  const char* why = gzerror(file_.get(), &code);
  if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END))
    throw InputError(fmt::format("{}: cannot be unpacked behind line {}: {}", path_, number_ - 1,
                                 code == Z_BUF_ERROR ? "it was cut short"
                                 : code == Z_ERRNO   ? std::strerror(errno)
                                                     : why));
  filled_ = static_cast<std::size_t>(got);
  if (facts_.bytes == 0 && std::string_view(buffer_.data(), filled_).starts_with("\xEF\xBB\xBF")) at_ = 3;
  facts_.add(facts_of(std::string_view(buffer_.data(), filled_).substr(at_)));
  return filled_ > 0;
}

void check_promise(const TableFacts& found, const std::optional<TableFacts>& promise, const std::string& path) {
  if (!promise || found == *promise) return;
  if (found.lines != promise->lines)
    throw InputError(fmt::format("{}: has {} rows, {} were written: it was {} since", path, found.lines - 1,
                                 promise->lines - 1, found.lines < promise->lines ? "cut short" : "added to"));
  throw InputError(
      fmt::format("{}: its text is not what was written: CRC-32 {:08x}, expected {:08x}: it was changed since", path,
                  found.crc, promise->crc));
}

}  // namespace laconic::results
