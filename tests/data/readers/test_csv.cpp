#include "algorithms/data/readers/csv.hpp"

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

namespace {

std::string error(std::string_view text, const CsvOptions& options = {}) {
  try {
    parse_csv(text, "a.csv", options);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

RowMatrix matrix(const Dataset& data) { return std::get<RowMatrix>(data.x); }

RowMatrix rows(std::initializer_list<std::initializer_list<double>> values) { return RowMatrix(values); }

}  // namespace

TEST_CASE("a header is a first line without numbers, the label is the last column unless said otherwise") {
  for (const char* text : {"a,b,y\n1,2,3\n-4,5e-1,6\n", "a, b ,y\r\n1,2,3\r\n\r\n -4 ,\t5e-1,+6", "1,2,3\n-4,0.5,6",
                           "\"a\";\"b\";\"y\"\n1;2;\"3\"\n-4;.5;6\n", "a\tb\ty\n1\t2\t3\n-4\t.5\t6\n\n\n",
                           "\xEF\xBB\xBF"
                           "a,b,y\n1,2,3\n-4,.5,6"}) {
    INFO(text);
    const Dataset data = parse_csv(text, "a.csv");
    CHECK(matrix(data) == rows({{1, 2}, {-4, 0.5}}));
    CHECK(data.y == Eigen::Vector2d(3, 6));
    CHECK(data.classes.empty());
  }
}

TEST_CASE("columns by name and by number, some left out, lines skipped, a header insisted on or denied") {
  const char* text = "id,y,x\n7,1,10\n8,0,20\n";
  for (const CsvOptions& options :
       {CsvOptions{.label = "y", .ignore = {"id"}}, CsvOptions{.label = 2, .ignore = {"id"}}}) {
    const Dataset data = parse_csv(text, "a.csv", options);
    CHECK(matrix(data) == rows({{10}, {20}}));
    CHECK(data.y == Eigen::Vector2d(1, 0));
  }
  CHECK(matrix(parse_csv("569,30,x\n1,2,3\n", "a", {.skip_lines = 1})) == rows({{1, 2}}));
  CHECK(parse_csv("2019,2020,2021\n1,2,3\n", "a", {.header = true}).samples() == 1);
  CHECK(parse_csv("2019,2020,2021\n1,2,3\n", "a").samples() == 2);
  CHECK(error("a,b\n1,2\n", {.header = false}) == "a.csv:1:1: expected a number, got \"a\"");
}

TEST_CASE("words for labels are classes in alphabetical order, the training set's for a test set") {
  const Dataset train = parse_csv("1,red\n2,\"green, or so\"\n3,red\n4,7\n", "train.csv");
  CHECK(train.classes == std::vector<std::string>{"7", "green, or so", "red"});
  CHECK(train.y == Eigen::Vector4d(2, 1, 2, 0));
  CHECK(parse_csv("9,red\n", "test.csv", {.like = &train}).y[0] == 2);
  CHECK(error("9,blue\n", {.like = &train}) ==
        "a.csv:1: expected a class of the training labels, \"7\", \"green, or so\" or \"red\", got \"blue\"");
  CHECK(error("9,1\n", {.like = &train}) ==
        "a.csv:1: expected a class of the training labels, \"7\", \"green, or so\" or \"red\", got \"1\"");
  CHECK(error("9,8,red\n", {.like = &train}) == "a.csv: expected 1 features, as the training data have, got 2");
  const Dataset numbers = parse_csv("1,2\n", "train.csv");
  CHECK(error("1,red\n", {.like = &numbers}) ==
        "a.csv:1: expected a class of the training labels, which are numbers, got \"red\"");
  CHECK(matrix(parse_csv("\"say \"\"x\"\"\",y\n1,2\n", "a", {.label = "say \"x\""})) == rows({{2}}));
}

TEST_CASE("what is malformed is named: line, column, what was expected") {
  const std::string skip = " (\"skip_lines\" leaves out lines above the samples)";
  CHECK(error("") == "a.csv: expected at least one sample, got none");
  CHECK(error("\n \n") == "a.csv: expected at least one sample, got none");
  CHECK(error("a,b\n") == "a.csv: expected at least one sample below the header, got none");
  CHECK(error("1,2\n1,2,3\n") == "a.csv:2: expected 2 fields, as in line 1, got 3" + skip);
  CHECK(error("1,2,3\n\n1,2\n") == "a.csv:3: expected 3 fields, as in line 1, got 2" + skip);
  CHECK(error("a,b,c\n1,2\n") == "a.csv:2: expected 3 fields, as in line 1, got 2" + skip);
  CHECK(error("1,2,3\n4,5,6\n1,2\n") == "a.csv:3: expected 3 fields, as in line 1, got 2");
  CHECK(error("a,b,c\n1,2\n", {.header = true}) == "a.csv:2: expected 3 fields, as in line 1, got 2");
  CHECK(error("1,2\n1,\n") == "a.csv:2:3: expected a label, got nothing");
  CHECK(error("1,2,3\n1,,3\n") == "a.csv:2:3: expected a number, got nothing");
  CHECK(error("size,color,y\n1,2,3\n1, red,3\n") ==
        "a.csv:3:4: expected a number in column \"color\" (\"ignore\" leaves columns out), got \"red\"");
  CHECK(error("1,2\n3x,2\n") == "a.csv:2:1: expected a number, got \"3x\"");
  CHECK(error("1,2\nnan,2\n") == "a.csv:2:1: expected a finite number, got \"nan\"");
  CHECK(error("1,2\n-inf,2\n") == "a.csv:2:1: expected a finite number, got \"-inf\"");
  CHECK(error("1,2\n1e400,2\n") == "a.csv:2:1: expected a number within the range of a double, got \"1e400\"");
  CHECK(error("1,2\n1,nan\n") == "a.csv:2:3: expected a finite number, got \"nan\"");
  CHECK(error("1,2\n1,red\n") == "a.csv:2:3: expected a numeric label, as those above, got \"red\"");
  CHECK(error("1,\"2\n3,4\"\n") == "a.csv:1:3: expected a quote that ends on its line, got \"\\\"2\"");
  CHECK(error("\"1\"2,3\n") == "a.csv:1:1: expected a separator behind the quote, got \"\\\"1\\\"2\"");
  CHECK(error("a,y\n1,2\n", {.ignore = {"a"}}) == "a.csv: expected at least one column besides the label");
  CHECK(error("My data\n1,2\n") ==
        "a.csv:1: expected at least one column besides the label, got \"My data\" (\"separator\" says what stands "
        "between fields, \"skip_lines\" leaves out lines above the samples)");
  const std::string first =
      " (\"header\": true if this line names the columns, \"skip_lines\" if it is neither that nor a sample), got ";
  CHECK(error("569,30,malignant,benign\n1,2,3,0\n") == "a.csv:1:8: expected a number" + first + "\"malignant\"");
  CHECK(error("id,2019,2020\n1,2,3\n") == "a.csv:1:1: expected a number" + first + "\"id\"");
  CHECK(error("1,2,3\n1,x,0\n") == "a.csv:2:3: expected a number, got \"x\"");
  CHECK(error(std::string_view("\0\1,2\n", 5)) == "a.csv:1:1: expected a number" + first + "\"\\x00\\x01\"");
}

TEST_CASE("a test file's columns are those of the training file's names, whatever their order") {
  const Dataset train = parse_csv("id,a,b,y\n7,1,2,no\n8,3,4,yes\n", "train.csv", {.ignore = {"id"}});
  const auto test = [&] {
    CsvOptions o;
    o.like = &train;
    o.own_label = o.own_ignore = false;
    return o;
  };
  CHECK(matrix(parse_csv("y,b,a\nno,2,1\nyes,4,3\n", "a.csv", test())) == rows({{1, 2}, {3, 4}}));
  CHECK(parse_csv("y,b,id,a\nyes,2,9,1\n", "a.csv", test()).y[0] == 1);
  CHECK(error("b,y\n1,no\n", test()) == "a.csv:1: there is no column \"a\", which the training data have");
  CHECK(error("a,b,c,y\n1,2,3,no\n", test()) ==
        "a.csv:1:5: the training data have no column \"c\" (\"ignore\" in \"test\" leaves it out)");
  CHECK(error("a,b,z\n1,2,no\n", test()).find("no column is called \"y\"") != std::string::npos);
  CHECK(matrix(parse_csv("1,2,no\n", "a.csv", test())) == rows({{1, 2}}));
  CsvOptions own = test();
  own.own_label = own.own_ignore = true;
  own.label = 4;
  own.ignore = {3};
  CHECK(matrix(parse_csv("b,a,c,z\n2,1,x,no\n", "a.csv", own)) == rows({{1, 2}}));
  const Dataset nameless = parse_csv("1,2,no\n3,4,yes\n", "train.csv");
  CHECK(error("b,a,y\n1,2,no\n", {.like = &nameless}).find("cannot be matched by name") != std::string::npos);
}

TEST_CASE("a header that names a column twice is refused, and so is a missing value among word labels") {
  CHECK(error("a,a,y\n1,2,0\n") ==
        "a.csv:1:3: the header names \"a\" twice, as columns 1 and 2 (\"header\": false if this line is a sample)");
  CHECK(error("a,y,y\n1,2,0\n", {.header = true}) == "a.csv:1:5: the header names \"y\" twice, as columns 2 and 3");
  for (const std::string missing : {"NA", "nan", "NaN", "null", "None", "?", "N/A"}) {
    CHECK(error("1,red\n2," + missing + "\n") ==
          "a.csv:2:3: expected a label (a class of that name stands in quotes), got \"" + missing + "\"");
    CHECK(parse_csv("1,red\n2,\"" + missing + "\"\n", "a.csv").classes.size() == 2);
  }
}

TEST_CASE("columns without names are ignored by number, and blanks separate fields") {
  CHECK(matrix(parse_csv("ibm,1,2,0\nhp,3,4,1\n", "a", {.ignore = {1}})) == rows({{1, 2}, {3, 4}}));
  CHECK(error("1,2\n", {.ignore = {3}}) == "a.csv: \"ignore\": expected the number of a column, 1 to 2, got 3");
  for (const char separator : {'\0', ' '})
    CHECK(matrix(parse_csv("  1 2   0\n3 \t4 1  \n", "a", {.separator = separator})) == rows({{1, 2}, {3, 4}}));
  CHECK(matrix(parse_csv("a  \"b c\" y\n1\t 2   0\n", "a", {.separator = ' '})) == rows({{1, 2}}));
}

TEST_CASE("columns that are not there are named with the nearest that is") {
  CHECK(error("size,price\n1,2\n", {.label = "prize"}) ==
        "a.csv: \"label\": no column is called \"prize\" (did you mean \"price\"?); there are \"size\" and \"price\"");
  CHECK(error("size,price\n1,2\n", {.ignore = {"id"}}).starts_with("a.csv: \"ignore\": no column is called \"id\""));
  CHECK(error("size,price\n1,2\n", {.ignore = {"price"}}) == "a.csv: \"ignore\": \"price\" is the label");
  CHECK(error("1,2\n", {.label = "price"}) ==
        "a.csv: \"label\" names a column, \"price\", but there is no header (a number from 1 says which)");
  CHECK(error("1,2\n", {.label = 3}) == "a.csv: \"label\": expected the number of a column, 1 to 2, got 3");
}

TEST_CASE("whatever the bytes, reading ends with a data set or an InputError") {
  const std::string good = "a,\"b\",y\n1,2.5,red\n\"3\",-4e-3,\"gr\"\"een\"\n";
  const std::string alphabet = "0123456789.,;\"\n\r\t eE+-naif\xff";
  Rng rng(1, Purpose::noise);
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (std::uint64_t edits = rng.below(6) + 1; edits > 0; --edits) {
      const auto at = rng.below(text.size() + 1);
      const char c = alphabet[rng.below(alphabet.size())];
      if (rng.below(3) == 0)
        text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), c);
      else if (rng.below(2) == 0)
        text.resize(at);
      else if (at < text.size())
        text[at] = c;
      if (text.empty()) text = good;
    }
    try {
      const Dataset data = parse_csv(text, "a.csv");
      CHECK(matrix(data).allFinite());
      CHECK(data.y.allFinite());
      CHECK(data.x.index() == 0);
      REQUIRE(matrix(data).rows() == data.y.size());
      ++read;
    } catch (const InputError&) {
    }
  }
  CHECK(read > 100);
}
