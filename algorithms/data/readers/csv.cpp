#include "algorithms/data/readers/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::data {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Field {
  std::string_view plain;
  std::size_t column;  ///< where it begins, from 1
  std::optional<std::string> unquoted = {};

  std::string_view text() const { return unquoted ? *unquoted : plain; }
};

class CsvParser {
 public:
  CsvParser(const std::string& name, const CsvOptions& options)
      : name_(name), o_(options), separator_(options.separator) {}

  Dataset parse(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the mark that some editors put before UTF-8
    bool first = true;
    for (line_ = 1; !text.empty(); ++line_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line_ <= o_.skip_lines || trimmed(line).empty()) continue;
      if (!separator_) separator_ = guess_separator(line);
      read_fields(line);
      if (std::exchange(first, false) && begin()) continue;
      read_row();
    }
    if (first) throw InputError(name_ + ": expected at least one sample, got none");
    if (words_.empty() && numbers_.empty())
      throw InputError(name_ + ": expected at least one sample below the header, got none");
    return finish();
  }

 private:
  static char guess_separator(std::string_view line) {
    for (const char c : {'\t', ';'})
      if (line.find(c) != line.npos) return c;
    return ',';
  }

  void read_fields(std::string_view line) {
    fields_.clear();
    for (std::size_t at = 0;; ++at) {
      const std::size_t start = std::min(line.find_first_not_of(separator_ == '\t' ? " " : " \t", at), line.size());
      if (start < line.size() && line[start] == '"') {
        at = read_quoted(line, start);
      } else {
        const std::size_t end = std::min(line.find(separator_, at), line.size());
        const std::string_view text = trimmed(line.substr(at, end - at));
        fields_.push_back({text, text.empty() ? at + 1 : static_cast<std::size_t>(text.data() - line.data()) + 1});
        at = end;
      }
      if (at == line.size()) return;
    }
  }

  // From the quote at `start` to the separator behind the other one.
  std::size_t read_quoted(std::string_view line, std::size_t start) {
    Field field{{}, start + 1, ""};
    std::size_t at = start + 1;
    for (;; ++at) {
      if (at == line.size()) refuse(start + 1, "a quote that ends on its line", line.substr(start));
      if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
      *field.unquoted += line[at];
      at += line[at] == '"';
    }
    const std::size_t end = std::min(line.find(separator_, at), line.size());
    if (!trimmed(line.substr(at + 1, end - at - 1)).empty())
      refuse(start + 1, "a separator behind the quote", line.substr(start, end - start));
    fields_.push_back(std::move(field));
    return end;
  }

  static bool is_number(std::string_view text) {
    const char* at = text.data();
    double x = 0;
    return !text.empty() && read_number(at, text.data() + text.size(), x) != NumberFault::malformed &&
           at == text.data() + text.size();
  }

  // Learns from the first line what the columns are; true if it is a header.
  bool begin() {
    first_line_ = line_;
    guessed_ = !o_.header;
    const bool header = o_.header.value_or(
        std::none_of(fields_.begin(), fields_.end(), [](const Field& f) { return is_number(f.text()); }));
    const std::size_t width = fields_.size();
    std::vector<std::string> names;
    if (header)
      for (const auto& field : fields_) names.emplace_back(field.text());
    const auto column_of = [&](const std::string& name, const char* key) {
      if (!header)
        throw InputError(
            fmt::format("{}: \"{}\" names a column, {}, but there is no header", name_, key, shown_token(name)));
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        throw InputError(fmt::format("{}: \"{}\": no column is called {}{}; there are {}", name_, key,
                                     shown_token(name), did_you_mean(name, names), quoted_choices(names, " and ")));
      return static_cast<std::size_t>(found - names.begin());
    };
    if (const auto* name = std::get_if<std::string>(&o_.label)) {
      label_ = column_of(*name, "label");
    } else {
      const auto number = std::get<std::int64_t>(o_.label);
      if (number < 0 || number > static_cast<std::int64_t>(width))
        throw InputError(
            fmt::format("{}: \"label\": expected the number of a column, 1 to {}, got {}", name_, width, number));
      label_ = number == 0 ? width - 1 : static_cast<std::size_t>(number) - 1;
    }
    is_feature_.assign(width, true);
    is_feature_[label_] = false;
    for (const auto& name : o_.ignore) {
      const std::size_t column = column_of(name, "ignore");
      if (column == label_) throw InputError(fmt::format("{}: \"ignore\": {} is the label", name_, shown_token(name)));
      is_feature_[column] = false;
    }
    d_ = std::count(is_feature_.begin(), is_feature_.end(), true);
    if (d_ == 0) {
      if (width > 1) throw InputError(name_ + ": expected at least one column besides the label");
      throw InputError(fmt::format(
          "{}:{}: expected at least one column besides the label, got {} (\"separator\" says what stands between "
          "fields, \"skip_lines\" leaves out lines above the samples)",
          name_, line_, shown_token(fields_[0].text())));
    }
    if (o_.like && o_.like->features() != d_)
      throw InputError(
          fmt::format("{}: expected {} features, as the training data have, got {}", name_, o_.like->features(), d_));
    names_ = std::move(names);
    return header;
  }

  void read_row() {
    if (fields_.size() != is_feature_.size())
      throw InputError(fmt::format("{}:{}: expected {} fields, as in line {}, got {}{}", name_, line_,
                                   is_feature_.size(), first_line_, fields_.size(),
                                   guessed_ && lines_.size() == (names_.empty() ? 1 : 0)
                                       ? " (\"skip_lines\" leaves out lines above the samples)"
                                       : ""));
    for (std::size_t j = 0; j < fields_.size(); ++j) {
      const Field& field = fields_[j];
      if (is_feature_[j]) values_.push_back(number(field, j));
      if (j != label_) continue;
      if (field.text().empty()) refuse(field.column, "a label", field.text());
      lines_.push_back(line_);
      if (words_.empty() && is_number(field.text())) {
        numbers_.push_back(number(field, j));
      } else {  // a word: so are all labels before it
        if (words_.empty() && !numbers_.empty()) refuse(field.column, "a numeric label, as those above", field.text());
        words_.emplace_back(field.text());
      }
    }
  }

  double number(const Field& field, std::size_t column) const {
    const char* at = field.text().data();
    const char* const end = at + field.text().size();
    double x = 0;
    NumberFault fault = at == end ? NumberFault::malformed : read_number(at, end, x);
    if (at != end) fault = NumberFault::malformed;
    if (fault == NumberFault::none) return x;
    std::string where;
    if (!names_.empty() && fault == NumberFault::malformed)
      where = fmt::format(" in column {} (\"ignore\" leaves columns out)", shown_token(names_[column]));
    if (guessed_ && line_ == first_line_ && fault == NumberFault::malformed)
      where = " (\"header\": true if this line names the columns, \"skip_lines\" if it is neither that nor a sample)";
    refuse(field.column, expected_of(fault), field.text(), where);
  }

  Dataset finish() {
    const auto n = static_cast<Index>(lines_.size());
    Dataset out{RowMatrix(RowMatrix::Map(values_.data(), n, d_)), Vector(n), name_};
    if (words_.empty()) {
      if (o_.like && !o_.like->classes.empty()) refuse_label(0, fmt::format("{}", numbers_[0]), o_.like->classes);
      out.y = Vector::Map(numbers_.data(), n);
      return out;
    }
    if (o_.like) {
      out.classes = o_.like->classes;
    } else {
      out.classes = words_;
      std::sort(out.classes.begin(), out.classes.end());
      out.classes.erase(std::unique(out.classes.begin(), out.classes.end()), out.classes.end());
    }
    std::map<std::string_view, double> number_of;
    for (const auto& word : out.classes) number_of.emplace(word, static_cast<double>(number_of.size()));
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto found = number_of.find(words_[i]);
      if (found == number_of.end()) refuse_label(i, words_[i], out.classes);
      out.y[static_cast<Index>(i)] = found->second;
    }
    return out;
  }

  [[noreturn]] void refuse_label(std::size_t row, std::string_view got, const std::vector<std::string>& classes) const {
    throw InputError(fmt::format("{}:{}: expected a class of the training labels{}, got {}", name_, lines_[row],
                                 classes.empty() ? ", which are numbers" : ", " + quoted_choices(classes),
                                 shown_token(got)));
  }

  [[noreturn]] void refuse(std::size_t column, std::string_view expected, std::string_view got,
                           std::string_view where = "") const {
    throw InputError(fmt::format("{}:{}:{}: expected {}{}, got {}", name_, line_, column, expected, where,
                                 got.empty() ? "nothing" : shown_token(got)));
  }

  const std::string& name_;
  const CsvOptions& o_;
  char separator_;
  std::int64_t line_ = 0, first_line_ = 0;  ///< the first: of the header, or of the samples if there is none
  bool guessed_ = false;                    ///< nobody said whether it is a header
  std::vector<Field> fields_;
  std::vector<std::string> names_;
  std::vector<bool> is_feature_;
  std::size_t label_ = none;
  Index d_ = 0;
  std::vector<double> values_, numbers_;
  std::vector<std::string> words_;
  std::vector<std::int64_t> lines_;  // where each sample stands
};

}  // namespace

Dataset read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  const std::string name = path.string();
  return CsvParser(name, options).parse(read_input(path));
}

Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  return CsvParser(name, options).parse(text);
}

}  // namespace laconic::data
