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

constexpr std::size_t ignored = std::numeric_limits<std::size_t>::max();

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
    for (const char c : {'\t', ';', ','})
      if (line.find(c) != line.npos) return c;
    // A sentence is no row of fields: one of a row's is a number.
    for (std::size_t at = line.find_first_not_of(" \t"), end = 0; at < line.size();
         at = line.find_first_not_of(" \t", end)) {
      end = std::min(line.find_first_of(" \t", at), line.size());
      if (is_number(line.substr(at, end - at)) && trimmed(line).size() > end - at) return ' ';
    }
    return ',';
  }

  bool ends_field(char c) const { return c == separator_ || (separator_ == ' ' && c == '\t'); }

  std::size_t field_end(std::string_view line, std::size_t at) const {
    while (at < line.size() && !ends_field(line[at])) ++at;
    return at;
  }

  void read_fields(std::string_view line) {
    fields_.clear();
    if (separator_ == ' ') {  // a run of blanks separates once, and at the ends not at all
      const auto first = std::min(line.find_first_not_of(" \t"), line.size());
      for (std::size_t at = first; at < line.size(); at = std::min(line.find_first_not_of(" \t", at), line.size())) {
        const std::size_t start = at;
        if (line[at] == '"') {
          at = read_quoted(line, start);
        } else {
          at = field_end(line, at);
          fields_.push_back({line.substr(start, at - start), start + 1});
        }
      }
      return;
    }
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
    const std::size_t end =
        separator_ == ' ' ? field_end(line, at + 1) : std::min(line.find(separator_, at), line.size());
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
    if (header) read_names();
    const bool by_name = o_.like && header;
    if (by_name && o_.like->columns.features.empty())
      throw InputError(fmt::format(
          "{}:{}: a header, where the training data have none, so that columns cannot be matched by name (\"header\": "
          "false with \"skip_lines\" in \"test\" matches them by position)",
          name_, line_));
    label_ = by_name && !o_.own_label ? column_named(o_.like->columns.label, "label") : column_of(o_.label, "label");
    place_.assign(fields_.size(), ignored);
    std::vector<bool> left_out(fields_.size(), false);
    for (const auto& one : by_name && !o_.own_ignore ? decltype(o_.ignore){} : o_.ignore) {
      const std::size_t column = column_of(one, "ignore");
      if (column == label_)
        throw InputError(fmt::format("{}: \"ignore\": {} is the label", name_, shown_column(column)));
      left_out[column] = true;
    }
    if (by_name)
      match_columns(left_out);
    else
      number_columns(left_out);
    return header;
  }

  void read_names() {
    for (const auto& field : fields_) {
      const std::string name(field.text());
      const auto before = std::find(names_.begin(), names_.end(), name);
      if (before != names_.end())
        throw InputError(fmt::format("{}:{}:{}: the header names {} twice, as columns {} and {}{}", name_, line_,
                                     field.column, shown_token(name), before - names_.begin() + 1, names_.size() + 1,
                                     guessed_ ? " (\"header\": false if this line is a sample)" : ""));
      names_.push_back(name);
    }
  }

  std::size_t column_named(const std::string& name, const char* key) const {
    if (names_.empty())
      throw InputError(fmt::format("{}: \"{}\" names a column, {}, but there is no header (a number from 1 says which)",
                                   name_, key, shown_token(name)));
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end())
      throw InputError(fmt::format("{}: \"{}\": no column is called {}{}; there are {}", name_, key, shown_token(name),
                                   did_you_mean(name, names_), quoted_choices(names_, " and ")));
    return static_cast<std::size_t>(found - names_.begin());
  }

  std::size_t column_of(const std::variant<std::int64_t, std::string>& given, const char* key) const {
    if (const auto* name = std::get_if<std::string>(&given)) return column_named(*name, key);
    const auto number = std::get<std::int64_t>(given);
    const auto width = static_cast<std::int64_t>(fields_.size());
    if (number < 0 || number > width)
      throw InputError(
          fmt::format("{}: \"{}\": expected the number of a column, 1 to {}, got {}", name_, key, width, number));
    return static_cast<std::size_t>(number == 0 ? width - 1 : number - 1);
  }

  std::string shown_column(std::size_t column) const {
    return names_.empty() ? fmt::format("column {}", column + 1) : shown_token(names_[column]);
  }

  // Features stand in the order of the file.
  void number_columns(const std::vector<bool>& left_out) {
    for (std::size_t j = 0; j < fields_.size(); ++j)
      if (j != label_ && !left_out[j]) place_[j] = static_cast<std::size_t>(d_++);
    if (d_ == 0) {
      if (fields_.size() > 1) throw InputError(name_ + ": expected at least one column besides the label");
      throw InputError(fmt::format(
          "{}:{}: expected at least one column besides the label, got {} (\"separator\" says what stands between "
          "fields, \"skip_lines\" leaves out lines above the samples)",
          name_, line_, shown_token(fields_[0].text())));
    }
    if (o_.like && o_.like->features() != d_)
      throw InputError(
          fmt::format("{}: expected {} features, as the training data have, got {}", name_, o_.like->features(), d_));
    if (names_.empty()) return;
    columns_.label = names_[label_];
    for (std::size_t j = 0; j < names_.size(); ++j)
      if (j != label_) (left_out[j] ? columns_.ignored : columns_.features).push_back(names_[j]);
  }

  // Features stand where the training data have those of their names.
  void match_columns(const std::vector<bool>& left_out) {
    columns_ = o_.like->columns;
    d_ = static_cast<Index>(columns_.features.size());
    std::map<std::string_view, std::size_t> wanted;
    for (std::size_t k = 0; k < columns_.features.size(); ++k) wanted.emplace(columns_.features[k], k);
    for (std::size_t j = 0; j < names_.size(); ++j) {
      const auto is = [&](const std::string& name) { return name == names_[j]; };
      if (j == label_ || left_out[j]) continue;
      const auto found = wanted.find(names_[j]);
      if (found != wanted.end()) {
        place_[j] = found->second;
        wanted.erase(found);
      } else if (std::none_of(columns_.ignored.begin(), columns_.ignored.end(), is)) {
        throw InputError(
            fmt::format("{}:{}:{}: the training data have no column {}{} (\"ignore\" in \"test\" leaves it out)", name_,
                        line_, fields_[j].column, shown_token(names_[j]), did_you_mean(names_[j], columns_.features)));
      }
    }
    if (!wanted.empty())
      throw InputError(fmt::format("{}:{}: there is no column {}, which the training data have", name_, line_,
                                   shown_token(wanted.begin()->first)));
  }

  void read_row() {
    if (fields_.size() != place_.size())
      throw InputError(fmt::format("{}:{}: expected {} fields, as in line {}, got {}{}", name_, line_, place_.size(),
                                   first_line_, fields_.size(),
                                   guessed_ && lines_.size() == (names_.empty() ? 1 : 0)
                                       ? " (\"skip_lines\" leaves out lines above the samples)"
                                       : ""));
    const std::size_t row = values_.size();
    values_.resize(row + static_cast<std::size_t>(d_));
    for (std::size_t j = 0; j < fields_.size(); ++j)
      if (place_[j] != ignored) values_[row + place_[j]] = number(fields_[j], j);
    read_label(fields_[label_]);
  }

  void read_label(const Field& field) {
    if (field.text().empty()) refuse(field.column, "a label", field.text());
    lines_.push_back(line_);
    if (words_.empty() && is_number(field.text())) {
      numbers_.push_back(number(field, label_));
      return;
    }
    if (!field.unquoted && stands_for_nothing(field.text()))
      refuse(field.column, "a label", field.text(), " (a class of that name stands in quotes)");
    // A word: so are all labels before it.
    if (words_.empty() && !numbers_.empty()) refuse(field.column, "a numeric label, as those above", field.text());
    words_.emplace_back(field.text());
  }

  // How programs write a value that is missing.
  static bool stands_for_nothing(std::string_view text) {
    std::string lower;
    for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    constexpr std::string_view known[] = {"na",   "n/a",  "#n/a", "#na", "<na>", "nan",
                                          "-nan", "null", "nil",  "?",   ".",    "-"};
    return text == "None" || std::find(std::begin(known), std::end(known), lower) != std::end(known);
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
    out.columns = columns_;
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
  std::vector<std::size_t> place_;  // of each column among the features
  ColumnNames columns_;
  std::size_t label_ = 0;
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
