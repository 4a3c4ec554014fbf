#include "algorithms/data/readers/libsvm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::data {
namespace {

constexpr Index most_indices = std::numeric_limits<std::int32_t>::max() - 1;  // d then fits 32 bits from 0 as from 1
constexpr Index most_dense = Index{1} << 33;                                  // 64 GiB

bool digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// The text's content in compressed rows. Offsets have 64 bits: only a sparse result is bound to 32.
struct Parsed {
  std::vector<double> labels, values;
  std::vector<std::int32_t> columns;    // numbered from 0
  std::vector<std::int64_t> starts{0};  // where each row starts, and where the last one ends
  Index d = 0;
};

class LibsvmParser {
 public:
  LibsvmParser(const std::string& name, const LibsvmOptions& options)
      : name_(name), first_(options.first_index), features_(options.features) {
    if (features_ && (*features_ < 1 || *features_ > most_indices))
      throw InputError(fmt::format("{}: expected 1 to {} features, got {}", name_, most_indices, *features_));
    last_ = features_ ? first_ + *features_ - 1 : most_indices;
  }

  Parsed parse(std::string_view text) {
    reserve(text);
    for (line_number_ = 1; !text.empty(); ++line_number_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (out_.labels.empty()) throw InputError(name_ + ": expected at least one sample, got none");
    if (features_) out_.d = *features_;
    if (out_.d == 0) throw InputError(name_ + ": expected an index:value, got labels alone (\"features\" allows that)");
    return std::move(out_);
  }

 private:
  void read_line(std::string_view line) {
    if (const auto comment = line.find('#'); comment != line.npos)
      line = line.substr(0, comment);
    else if (line.ends_with('\r'))
      line.remove_suffix(1);
    line_ = line.data();
    end_ = line.data() + line.size();
    const char* at = past_blanks(line_);
    if (at == end_) return;
    const double label = number(at, "a numeric label");
    std::int64_t before = first_ - 1;
    while ((at = past_blanks(at)) != end_) {
      const char* const token = at;
      const std::int64_t index = index_at(at);
      if (index <= before || index > last_) refuse_index(token, index, before);
      if (at == end_ || is_blank(*at)) refuse(token, "a value after the colon");
      const double value = number(at, "a number");
      before = index;
      if (value == 0) continue;
      out_.columns.push_back(static_cast<std::int32_t>(index - first_));
      out_.values.push_back(value);
    }
    out_.d = std::max(out_.d, before - first_ + 1);
    out_.labels.push_back(label);
    out_.starts.push_back(static_cast<std::int64_t>(out_.values.size()));
  }

  /// Makes the room that the text's beginning foretells.
  void reserve(std::string_view text) {
    const std::string_view sample = text.substr(0, 1 << 16);
    const auto foretold = [&](char c) {
      const auto seen = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), c));
      return sample.empty() ? 0 : seen * (text.size() / sample.size() + 1);
    };
    out_.labels.reserve(foretold('\n'));
    out_.starts.reserve(foretold('\n'));
    out_.columns.reserve(foretold(':'));
    out_.values.reserve(foretold(':'));
  }

  const char* past_blanks(const char* at) const {
    while (at != end_ && is_blank(*at)) ++at;
    return at;
  }

  /// Reads "index:" and leaves `at` behind the colon. An index too large for any file comes back as most_indices + 1.
  std::int64_t index_at(const char*& at) const {
    const char* p = at;
    std::int64_t index = 0;
    for (; p != end_ && digit(*p); ++p) index = std::min<std::int64_t>(10 * index + (*p - '0'), most_indices + 1);
    if (p == at || p == end_ || *p != ':') refuse_pair(at);
    at = p + 1;
    return index;
  }

  /// Reads a number that must fill its token, and leaves `at` behind it.
  double number(const char*& at, const char* what) const {
    // Indicators are most of many files: this line makes those a third faster.
    if (digit(*at) && (at + 1 == end_ || is_blank(at[1]))) return *at++ - '0';
    const char* after = at;
    double x = 0;
    const NumberFault fault = read_number(after, end_, x);
    if (fault == NumberFault::malformed || (after != end_ && !is_blank(*after))) refuse(at, what);
    if (fault != NumberFault::none) refuse(at, expected_of(fault));
    at = after;
    return x;
  }

  std::string_view token_at(const char* at) const {
    return {at, static_cast<std::size_t>(std::find_if(at, end_, is_blank) - at)};
  }

  [[noreturn]] void refuse(const char* at, std::string_view expected, std::string_view hint = "") const {
    throw InputError(fmt::format("{}:{}:{}: expected {}, got {}{}", name_, line_number_, at - line_ + 1, expected,
                                 shown_token(token_at(at)), hint));
  }

  [[noreturn]] void refuse_pair(const char* at) const {
    const std::string_view token = token_at(at);
    if (token.starts_with("qid:")) refuse(at, "index:value", " (query ids of ranking data are not supported)");
    if (token.find(':') == token.npos) refuse(at, "index:value");
    if (token[0] == '-' && digit(token[1])) refuse(at, fmt::format("an index of {} or more", first_));
    refuse(at, "a whole number as the index");
  }

  [[noreturn]] void refuse_index(const char* at, std::int64_t index, std::int64_t before) const {
    if (index < first_)
      refuse(at, fmt::format("an index of {} or more", first_), " (\"first_index\": 0 reads zero-based files)");
    if (index > last_)
      refuse(at, fmt::format("an index of at most {}", last_),
             features_ ? fmt::format(" (\"features\" is {})", *features_) : "");
    refuse(at, fmt::format("an index above {}, the one before it", before));
  }

  const std::string& name_;
  const std::int64_t first_;
  const std::optional<Index> features_;
  std::int64_t last_ = 0;
  std::int64_t line_number_ = 0;
  const char *line_ = nullptr, *end_ = nullptr;
  Parsed out_;
};

Rows rows_of(const Parsed& in, const std::string& name, Storage storage) {
  const auto n = static_cast<Index>(in.labels.size()), stored = static_cast<Index>(in.values.size());
  constexpr Index most_sparse = std::numeric_limits<std::int32_t>::max();
  if (n > most_indices) throw InputError(fmt::format("{}: expected at most {} samples, got {}", name, most_indices, n));
  const bool dense = storage == Storage::dense || (storage == Storage::automatic && 4 * stored >= n * in.d);
  if (dense) {
    if (n * in.d > most_dense)
      throw InputError(
          fmt::format("{}: expected at most {} entries for dense storage, got {} x {}; \"storage\" can be "
                      "\"sparse\"",
                      name, most_dense, n, in.d));
    RowMatrix x = RowMatrix::Zero(n, in.d);
    for (Index i = 0; i < n; ++i) {
      const auto row = static_cast<std::size_t>(i);
      for (auto k = static_cast<std::size_t>(in.starts[row]); k < static_cast<std::size_t>(in.starts[row + 1]); ++k)
        x(i, in.columns[k]) = in.values[k];
    }
    return x;
  }
  if (stored > most_sparse)
    throw InputError(
        fmt::format("{}: expected at most {} non-zeros for sparse storage, got {}", name, most_sparse, stored));
  SparseRows x(n, in.d);
  x.resizeNonZeros(stored);
  std::transform(in.starts.begin(), in.starts.end(), x.outerIndexPtr(),
                 [](auto k) { return static_cast<std::int32_t>(k); });
  std::copy(in.columns.begin(), in.columns.end(), x.innerIndexPtr());
  std::copy(in.values.begin(), in.values.end(), x.valuePtr());
  return x;
}

Dataset dataset(const Parsed& in, const std::string& name, Storage storage) {
  return {rows_of(in, name, storage), Vector::Map(in.labels.data(), static_cast<Index>(in.labels.size())), name};
}

}  // namespace

Dataset read_libsvm(const std::filesystem::path& path, const LibsvmOptions& options) {
  const std::string name = path.string();
  // Two steps, so that the text is gone before the matrix comes.
  const Parsed parsed = LibsvmParser(name, options).parse(read_input(path));
  return dataset(parsed, name, options.storage);
}

Dataset parse_libsvm(std::string_view text, const std::string& name, const LibsvmOptions& options) {
  return dataset(LibsvmParser(name, options).parse(text), name, options.storage);
}

}  // namespace laconic::data
