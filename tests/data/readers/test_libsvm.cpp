#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/readers/libsvm.hpp"
#include "tests/catch.hpp"
#include "tests/real_data.hpp"

using namespace laconic::tests;

namespace {

RowMatrix matrix(const Dataset& data) {
  return std::visit([](const auto& x) { return RowMatrix(x); }, data.x);
}

bool dense(const Dataset& data) { return std::holds_alternative<RowMatrix>(data.x); }

std::string refusal(std::string_view text, const LibsvmOptions& options = {}) {
  try {
    parse_libsvm(text, "t", options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The one value of a one-feature file.
double value(const std::string& number) {
  return matrix(parse_libsvm("1 1:" + number, "t", {.features = {}, .storage = Storage::sparse}))(0, 0);
}

/// What must hold of anything the parser returns.
void check_consistent(const Dataset& data) {
  REQUIRE(data.samples() > 0);
  REQUIRE(data.features() > 0);
  REQUIRE(data.y.allFinite());
  if (dense(data)) {
    const auto& x = std::get<RowMatrix>(data.x);
    REQUIRE(x.rows() == data.samples());
    REQUIRE(x.allFinite());
    return;
  }
  const auto& x = std::get<SparseRows>(data.x);
  REQUIRE(x.rows() == data.samples());
  REQUIRE(x.isCompressed());
  for (Index i = 0; i < x.rows(); ++i) {
    std::int32_t before = -1;
    for (SparseRows::InnerIterator entry(x, i); entry; ++entry) {
      REQUIRE(entry.col() > before);
      REQUIRE(entry.col() < x.cols());
      REQUIRE(std::isfinite(entry.value()));
      REQUIRE(entry.value() != 0);
      before = static_cast<std::int32_t>(entry.col());
    }
  }
}

}  // namespace

TEST_CASE("labels, indices and values land in their places") {
  for (const Storage storage : {Storage::dense, Storage::sparse}) {
    const Dataset data = parse_libsvm("+1 1:0.5 3:-2e3\n-1\n2.5 2:1E-2\n", "t", {.features = {}, .storage = storage});
    CHECK(dense(data) == (storage == Storage::dense));
    CHECK(data.name == "t");
    CHECK(data.y == Vector{{1, -1, 2.5}});
    CHECK(matrix(data) == RowMatrix{{0.5, 0, -2000}, {0, 0, 0}, {0, 0.01, 0}});
    check_consistent(data);
  }
}

TEST_CASE("every harmless way of writing the same samples is read alike") {
  const RowMatrix x{{0.5, 0, 3}, {0, -1, 0}};
  for (const std::string text : {
           "1 1:0.5 3:3\n-1 2:-1\n",
           "1 1:0.5 3:3\n-1 2:-1",
           "1 1:0.5 3:3\r\n-1 2:-1\r\n",
           "1 1:0.5 3:3\r\n-1 2:-1\r",
           "+1.0 1:+.5 3:3.\n-1e0 2:-10E-1\n",
           "\n\n1 1:0.5 3:3\n   \n\t\r\n-1 2:-1\n\n",
           "# head\n1 1:0.5 3:3 # tail 4:x\n  # between\n-1 2:-1# glued\r\n#",
           "\t1\t1:0.5\t \t3:3\t\n  -1  2:-1   \n",
           "1 1:0.5 2:0 3:3\n-1 1:-0.0 2:-1 3:0.000\n",
           "1 1:5e-1 3:+3e+0\n-1 2:-0.01e2\n",
           "1 01:0.5 003:3\n-1 2:-1\n",
       }) {
    INFO(text);
    for (const Storage storage : {Storage::dense, Storage::sparse}) {
      const Dataset data = parse_libsvm(text, "t", {.features = {}, .storage = storage});
      CHECK(data.y == Vector{{1, -1}});
      CHECK(matrix(data) == x);
      check_consistent(data);
    }
  }
}

TEST_CASE("zeros written out widen the matrix but are not stored") {
  const Dataset data = parse_libsvm("1 1:1 2:0 7:0\n1 8:-0\n", "t", {.features = {}, .storage = Storage::sparse});
  CHECK(data.features() == 8);
  CHECK(data.stored() == 1);
}

TEST_CASE("first_index 0 and features set where columns begin and end") {
  const Dataset zero = parse_libsvm("1 0:5 2:7\n", "t", {.features = {}, .first_index = 0});
  CHECK(matrix(zero) == RowMatrix{{5, 0, 7}});
  CHECK(matrix(parse_libsvm("1 1:5\n", "t", {.features = 3})) == RowMatrix{{5, 0, 0}});
  CHECK(matrix(parse_libsvm("1 0:5 2:6\n", "t", {.features = 3, .first_index = 0})) == RowMatrix{{5, 0, 6}});
  CHECK(matrix(parse_libsvm("1\n-1\n", "t", {.features = 2})) == RowMatrix::Zero(2, 2));
  CHECK(parse_libsvm("1 2147483646:1", "t").features() == 2147483646);
  CHECK(parse_libsvm("1 2147483646:1", "t", {.features = {}, .first_index = 0}).features() == 2147483647);
}

TEST_CASE("automatic storage is dense from a quarter of non-zeros on") {
  CHECK(dense(parse_libsvm("1 1:1 8:1\n", "t")));
  CHECK_FALSE(dense(parse_libsvm("1 1:1 9:1\n", "t")));
  CHECK_FALSE(dense(parse_libsvm("1 1:1 2:0 3:0 4:0 5:0\n", "t")));
  CHECK(dense(parse_libsvm("1 1:1\n1\n1\n1\n", "t")));
  CHECK_FALSE(dense(parse_libsvm("1 1:1\n1\n1\n1\n1\n", "t")));
}

TEST_CASE("each mistake in a line is named with its place") {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      // labels
      {"1:2 2:3", R"(t:1:1: expected a numeric label, got "1:2")"},
      {"1 1:1\n\n  spam 1:1", R"(t:3:3: expected a numeric label, got "spam")"},
      {"1,2 1:1", R"(t:1:1: expected a numeric label, got "1,2")"},
      {"0x10 1:1", R"(t:1:1: expected a numeric label, got "0x10")"},
      {"+-1 1:1", R"(t:1:1: expected a numeric label, got "+-1")"},
      {"++1 1:1", R"(t:1:1: expected a numeric label, got "++1")"},
      {"+", R"(t:1:1: expected a numeric label, got "+")"},
      {"- 1:1", R"(t:1:1: expected a numeric label, got "-")"},
      {"nan 1:1", R"(t:1:1: expected a finite number, got "nan")"},
      {"-inf 1:1", R"(t:1:1: expected a finite number, got "-inf")"},
      {"1e400 1:1", R"(t:1:1: expected a number within the range of a double, got "1e400")"},
      // pairs
      {"1 3", R"(t:1:3: expected index:value, got "3")"},
      {"1 1:1 -7", R"(t:1:7: expected index:value, got "-7")"},
      {"1 1:1 2 :3", R"(t:1:7: expected index:value, got "2")"},
      {"1 qid:3 1:1", R"(t:1:3: expected index:value, got "qid:3" (query ids of ranking data are not supported))"},
      {"1 3:", R"(t:1:3: expected a value after the colon, got "3:")"},
      {"1 3: 4:1", R"(t:1:3: expected a value after the colon, got "3:")"},
      {"1 3:# no", R"(t:1:3: expected a value after the colon, got "3:")"},
      {"1 3:\r\n", R"(t:1:3: expected a value after the colon, got "3:")"},
      // indices
      {"1 a:1", R"(t:1:3: expected a whole number as the index, got "a:1")"},
      {"1 :1", R"(t:1:3: expected a whole number as the index, got ":1")"},
      {"1 1.5:1", R"(t:1:3: expected a whole number as the index, got "1.5:1")"},
      {"1 +1:1", R"(t:1:3: expected a whole number as the index, got "+1:1")"},
      {"1 -:1", R"(t:1:3: expected a whole number as the index, got "-:1")"},
      {"1 0:1", R"(t:1:3: expected an index of 1 or more, got "0:1" ("first_index": 0 reads zero-based files))"},
      {"1 -3:1", R"(t:1:3: expected an index of 1 or more, got "-3:1")"},
      {"1 2147483647:1", R"(t:1:3: expected an index of at most 2147483646, got "2147483647:1")"},
      {"1 18446744073709551617:1", R"(t:1:3: expected an index of at most 2147483646, got "18446744073709551617:1")"},
      {"1 1:1 5:1 3:1", R"(t:1:11: expected an index above 5, the one before it, got "3:1")"},
      {"1 1:1\r\n1 5:0 5:1", R"(t:2:7: expected an index above 5, the one before it, got "5:1")"},
      // values
      {"1 1:x", R"(t:1:5: expected a number, got "x")"},
      {"1 1:1 12:1.5.2", R"(t:1:10: expected a number, got "1.5.2")"},
      {"1 1:1e", R"(t:1:5: expected a number, got "1e")"},
      {"1 1:1,5", R"(t:1:5: expected a number, got "1,5")"},
      {"1 1:2:3", R"(t:1:5: expected a number, got "2:3")"},
      {"1 1:+", R"(t:1:5: expected a number, got "+")"},
      {"1 1:.", R"(t:1:5: expected a number, got ".")"},
      {"1 1:NaN", R"(t:1:5: expected a finite number, got "NaN")"},
      {"1 1:nan(7)", R"-(t:1:5: expected a finite number, got "nan(7)")-"},
      {"1 1:+Infinity", R"(t:1:5: expected a finite number, got "+Infinity")"},
      {"1 1:1e400", R"(t:1:5: expected a number within the range of a double, got "1e400")"},
      {"1 1:-1e99999999999999999999",
       R"(t:1:5: expected a number within the range of a double, got "-1e99999999999999999999")"},
      // what a message shows
      {"1 1:\x1b[2J", R"(t:1:5: expected a number, got "\x1B[2J")"},
      {"1 1:1\r\r\n", R"(t:1:5: expected a number, got "1\x0D")"},
      {"1 1:1\r1 1:1", R"(t:1:5: expected a number, got "1\x0D1")"},
      {std::string("1 1:1\0", 6), R"(t:1:5: expected a number, got "1\x00")"},
      {"\xef\xbb\xbf"
       "1 1:1",
       R"(t:1:1: expected a numeric label, got "\xEF\xBB\xBF1")"},
      {R"(1 1:"\)", R"(t:1:5: expected a number, got "\"\\")"},
      {"1 1:" + std::string(40, 'x'), "t:1:5: expected a number, got \"" + std::string(40, 'x') + "\""},
      {"1 1:" + std::string(41, 'x'), "t:1:5: expected a number, got \"" + std::string(40, 'x') + "...\""},
  };
  for (const auto& [text, message] : mistakes) CHECK(refusal(text) == message);
}

TEST_CASE("options narrow what is accepted, and say so") {
  const LibsvmOptions two{.features = 2}, two_from_0{.features = 2, .first_index = 0},
      from_0{.features = {}, .first_index = 0};
  CHECK(refusal("1 2:1", two) == "accepted");
  CHECK(refusal("1 3:1", two) == R"(t:1:3: expected an index of at most 2, got "3:1" ("features" is 2))");
  CHECK(refusal("1 1:1", two_from_0) == "accepted");
  CHECK(refusal("1 2:1", two_from_0) == R"(t:1:3: expected an index of at most 1, got "2:1" ("features" is 2))");
  CHECK(refusal("1 -1:1", from_0) == R"(t:1:3: expected an index of 0 or more, got "-1:1")");
  CHECK(refusal("1 0:1 0:2", from_0) == R"(t:1:7: expected an index above 0, the one before it, got "0:2")");
  CHECK(refusal("1 2147483647:1", from_0) == R"(t:1:3: expected an index of at most 2147483646, got "2147483647:1")");
  CHECK(refusal("1 1:1", {.features = 0}) == "t: expected 1 to 2147483646 features, got 0");
  CHECK(refusal("1 1:1", {.features = Index{1} << 40}) == "t: expected 1 to 2147483646 features, got 1099511627776");
}

TEST_CASE("a file without samples, without features or too large to be dense is refused as a whole") {
  for (const char* text : {"", "\n", "# nothing\n\n", " \t\r\n"}) {
    CHECK(refusal(text) == "t: expected at least one sample, got none");
    CHECK(refusal(text, {.features = 3}) == "t: expected at least one sample, got none");
  }
  CHECK(refusal("1\n-1\n") == R"(t: expected an index:value, got labels alone ("features" allows that))");
  std::string wide;
  for (int i = 0; i < 5; ++i) wide += "1 2147483646:1\n";
  CHECK(refusal(wide) == "accepted");
  CHECK(refusal(wide, {.features = {}, .storage = Storage::dense}) ==
        "t: expected at most 8589934592 entries for dense storage, got 5 x 2147483646; \"storage\" can be \"sparse\"");
}

TEST_CASE("values below a double's range are zeros, above it errors, however they are written") {
  for (const std::string& small :
       std::vector<std::string>{"1e-400", "-1e-400", "+9.9E-99999999999999999999", "0." + std::string(400, '0') + "1",
                                "0." + std::string(500, '0') + "1e100", "1000000e-400", "1e-2147483649"})
    CHECK(value(small) == 0);
  for (const std::string& large :
       std::vector<std::string>{"1e309", "-1e309", "0.0001e400", std::string(400, '9'),
                                "1" + std::string(500, '0') + "e-100", "1.8e308", "1e+2147483649"})
    CHECK_THROWS_AS(value(large), InputError);
  CHECK(value("4.9e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(value("1" + std::string(500, '0') + "e-500") == 1);
  CHECK(value("0e99999999999999999999") == 0);
  CHECK(value("1.7976931348623157e308") == std::numeric_limits<double>::max());
}

TEST_CASE("seventeen digits bring every double back bit for bit") {
  Rng rng(5, Purpose::data);
  const auto any = [&] {
    double x = 0;
    while (x == 0 || !std::isfinite(x)) x = std::bit_cast<double>(rng.next());
    return x;
  };
  std::vector<std::vector<std::pair<Index, double>>> rows(200);
  std::vector<double> labels;
  std::string text;
  for (auto& row : rows) {
    labels.push_back(any());
    text += fmt::format("{:.17g}", labels.back());
    Index j = 0;
    for (auto left = rng.below(20); left > 0; --left) {
      j += 1 + static_cast<Index>(rng.below(5));
      // Every other one near 1, as data are, the rest of any magnitude, denormal ones too.
      row.emplace_back(j, rng.below(2) ? any() : std::ldexp(static_cast<double>(rng.next() | 1), -64));
      text += fmt::format(" {}:{:.17g}", j, row.back().second);
    }
    text += '\n';
  }
  for (const Storage storage : {Storage::dense, Storage::sparse}) {
    const Dataset data = parse_libsvm(text, "t", {.features = {}, .storage = storage});
    const RowMatrix x = matrix(data);
    REQUIRE(data.samples() == static_cast<Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<Index>(i);
      REQUIRE(std::bit_cast<std::uint64_t>(data.y[row]) == std::bit_cast<std::uint64_t>(labels[i]));
      for (const auto& [j, v] : rows[i])
        REQUIRE(std::bit_cast<std::uint64_t>(x(row, j - 1)) == std::bit_cast<std::uint64_t>(v));
      REQUIRE((x.row(row).array() != 0).count() == static_cast<Index>(rows[i].size()));
    }
  }
}

TEST_CASE("a text longer than the sample that foretells its size is read whole") {
  std::string text(70000, '\n');
  for (int i = 0; i < 20000; ++i) text += "1 1:1 2:2\n";
  const Dataset data = parse_libsvm(text, "t");
  CHECK(data.samples() == 20000);
  CHECK(matrix(data).sum() == 60000);
  CHECK(refusal(text + "x") == R"(t:90001:1: expected a numeric label, got "x")");
}

TEST_CASE("randomly damaged text parses to something consistent or gives an InputError of printable characters") {
  Rng rng(6, Purpose::data);
  constexpr char characters[] = "0123456789:.+-eE# \t\r\nnaifx\0\x1b\xff";
  const std::string alphabet(characters, sizeof characters - 1);
  int accepted = 0, refused = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    std::string text = "+1 1:0.5 3:-2e-3 # one\n-1 2:1 4:7\r\n1.5\n-1 1:12345.678 2:0 20:1E5\n";
    for (auto left = rng.below(4) + 1; left > 0; --left) {
      const std::size_t at = rng.below(text.size());
      switch (rng.below(4)) {
        case 0:
          text[at] = alphabet[rng.below(alphabet.size())];
          break;
        case 1:
          text.insert(at, 1, alphabet[rng.below(alphabet.size())]);
          break;
        case 2:
          text.erase(at, rng.below(4));
          break;
        default:
          text.insert(rng.below(text.size()), text.substr(at, rng.below(10)));
      }
    }
    LibsvmOptions options;
    if (rng.below(3) == 0) options.features = 20;
    if (rng.below(3) == 0) options.first_index = 0;
    try {
      const Dataset data = parse_libsvm(text, "t", options);
      check_consistent(data);
      ++accepted;
      if (data.samples() * data.features() > 100000) continue;
      for (const Storage storage : {Storage::dense, Storage::sparse}) {
        options.storage = storage;
        const Dataset again = parse_libsvm(text, "t", options);
        REQUIRE(matrix(again) == matrix(data));
        REQUIRE(again.y == data.y);
      }
    } catch (const InputError& error) {
      const std::string what = error.what();
      REQUIRE(what.substr(0, 2) == "t:");
      REQUIRE(std::all_of(what.begin(), what.end(), [](char c) { return c >= ' ' && c <= '~'; }));
      ++refused;
    }
  }
  CHECK(accepted > 500);
  CHECK(refused > 500);
}

TEST_CASE("a missing file is refused with its path") {
  CHECK_THROWS_WITH(read_libsvm("/no/such.svm"), "/no/such.svm: cannot read: No such file or directory");
}

TEST_CASE("real data sets have their known shapes") {
  struct Known {
    const char* path;
    Index n, d, positive;
  };
  const std::filesystem::path folder = real_data();
  for (const auto& [path, n, d, positive] : {Known{"ijcnn1/ijcnn1.trn.bz2", 49990, 22, 4853},
                                             {"reuters/reuters.trn.bz2", 7770, 8315, 538},
                                             {"uci18.svm.bz2", 2304, 34, -1},
                                             {"libsvm/a9a.xz", 32561, 123, -1}}) {
    if (!std::filesystem::exists(folder / path)) {
      WARN("skipped: " << (folder / path).string() << " is absent");
      continue;
    }
    INFO(path);
    const Dataset data = read_libsvm(folder / path);
    CHECK(data.name == (folder / path).string());
    CHECK(data.samples() == n);
    CHECK(data.features() == d);
    if (positive >= 0) CHECK((data.y.array() == 1).count() == positive);
    CHECK((data.y.array().abs() == 1).all());
    check_consistent(data);
  }
}
