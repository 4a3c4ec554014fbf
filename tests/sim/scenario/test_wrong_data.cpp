#include <fstream>

#include "tests/sim/program.hpp"
#include "tests/sim/runs.hpp"

// Data that are wrong, as a user meets them: code 2, one line that names the place, and nothing has run.

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::string idx(const std::vector<unsigned char>& sizes, std::size_t bytes) {
  std::string out{0, 0, 8, static_cast<char>(sizes.size())};
  for (const auto size : sizes) out += std::string(3, '\0') + static_cast<char>(size);
  return out + std::string(bytes, '\7');
}

}  // namespace

TEST_CASE("data that are wrong end in one line that names their place") {
  const Folder here;
  const auto file = [&](const char* name, const std::string& text) {
    std::ofstream(here.path / name, std::ios::binary) << text;
  };
  file("empty.svm", "");
  file("no-label.svm", "1:2 2:3\n");
  file("one-class.svm", "1 1:1\n1 1:2\n1 2:1\n");
  file("three.svm", "1 1:1\n2 1:2\n3 2:1\n");
  file("zero.svm", "1 0:1 1:2\n-1 1:1\n1 1:1\n");
  file("descending.svm", "1 1:1\n-1 3:1 2:1\n1 1:1\n");
  file("wide.svm", "1 1:1\n-1 7:1\n1 1:1\n");
  file("nan.svm", "1 1:1\n-1 2:nan\n1 1:1\n");
  file("few.svm", "1 1:1\n-1 2:1\n");
  file("half.svm.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\3\x33", 11));
  file("empty.csv", "");
  file("ragged.csv", "a,b,y\n1,2,0\n1,2\n");
  file("missing.csv", "a,y\n1,0\n,1\n3,0\n");
  file("unlabelled.csv", "a,y\n1,0\n2,\n");
  file("inf.csv", "a,y\n1,0\ninf,1\n");
  file("images", idx({4, 2, 2}, 16));
  file("labels", idx({4}, 4));
  file("five-labels", idx({5}, 5));
  file("cut", idx({4, 2, 2}, 9));
  file("magic", "P5 28 28 255\n");
  file("folder.txt", "x");
  fs::create_directory(here.path / "folder");

  const auto svm = [](const char* path, const json& more = json::object()) {
    json out{{"type", "libsvm"}, {"path", path}};
    out.update(more);
    return out;
  };
  const auto csv = [](const char* path) { return json{{"type", "csv"}, {"path", path}}; };
  const auto pair = [](const char* images, const char* labels) {
    return json{{"type", "idx"}, {"images", images}, {"labels", labels}};
  };
  const std::vector<std::pair<json, std::string>> cases{
      {svm("empty.svm"), "empty.svm: expected at least one sample, got none"},
      {svm("no-label.svm"), "no-label.svm:1:1: expected a numeric label, got \"1:2\""},
      {svm("one-class.svm"), "one-class.svm: expected labels of exactly two classes, got 1: 1"},
      {svm("three.svm"), "three.svm: expected labels of exactly two classes, got 3: 1, 2, 3"},
      {svm("zero.svm"),
       "zero.svm:1:3: expected an index of 1 or more, got \"0:1\" (\"first_index\": 0 reads zero-based files)"},
      {svm("descending.svm"), "descending.svm:2:8: expected an index above 3, the one before it, got \"2:1\""},
      {svm("wide.svm", {{"features", 5}}),
       "wide.svm:2:4: expected an index of at most 5, got \"7:1\" (\"features\" is 5)"},
      {svm("nan.svm"), "nan.svm:2:6: expected a finite number, got \"nan\""},
      {svm("few.svm"), "s.json: /workers: expected at most the number of samples, 2, got 3"},
      {svm("half.svm.gz"), "half.svm.gz: truncated gzip stream"},
      {svm("folder"), "folder: cannot read: Is a directory"},
      {csv("empty.csv"), "empty.csv: expected at least one sample, got none"},
      {csv("ragged.csv"), "ragged.csv:3: expected 3 fields, as in line 1, got 2"},
      {csv("missing.csv"),
       "missing.csv:3:1: expected a number in column \"a\" (\"ignore\" leaves columns out), got nothing"},
      {csv("unlabelled.csv"), "unlabelled.csv:3:3: expected a label, got nothing"},
      {csv("inf.csv"), "inf.csv:3:1: expected a finite number, got \"inf\""},
      {pair("images", "five-labels"), "five-labels: expected a label for each of the 4 samples of images, got 5"},
      {pair("cut", "labels"),
       "cut: expected 16 bytes of numbers behind the header, as its sizes say, got 9: it is truncated"},
      {pair("magic", "labels"),
       "magic: expected an IDX file, which begins with 00 00, a type from 08 to 0e and the number of sizes, got 50 35 "
       "20 32"},
      {pair("labels", "images"), "images: expected labels, one number a sample, got an array of 3 sizes"},
      {pair("images", "labels"), "images: expected labels of exactly two classes, got 1: 7"},
      {svm("empty.svm", {{"scaling", "standardize"}}),
       "s.json: /data/scaling: expected \"none\", \"standardise\", \"unit-rows\" or \"max-abs\", got \"standardize\" "
       "(did you mean \"standardise\"?)"},
  };
  for (const auto& [data, message] : cases) {
    json source = small_scenario();
    source["data"] = data;
    here.write("s.json", source);
    const auto run = here.laconic({"run", "s.json"});
    CHECK(run.err == message + "\n");
    CHECK(run.code == 2);
    CHECK(run.out.empty());
  }
  CHECK_FALSE(fs::exists(here.path / "results"));
}
