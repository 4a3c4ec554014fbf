#include <fstream>

#include "tests/faults/faults.hpp"

using namespace laconic::tests;

namespace {

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("fault: a test file with a header is matched by name") {
  const Faults here;
  const Finished run = here.laconic({"run", "header.json", "--out", "o"});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(run.out.find("1.0000") != std::string::npos);
}

TEST_CASE("fault: what a CSV file says twice or not at all is refused with its place") {
  const Faults here;
  check_refused(here.laconic({"validate", "dup-header.json"}), {"dup-header.csv:1:3", "twice"});
  check_refused(here.laconic({"validate", "case-labels.json"}), {"case-labels.csv", "Yes", "yes"});
  CHECK(here.laconic({"validate", "word-column.json"}).code == 0);
  CHECK(here.laconic({"validate", "space.json"}).code == 0);
}

TEST_CASE("fault: a byte order mark is no text, and UTF-16 is told what it is") {
  const Faults here;
  write(here.path / "bom.log",
        "\xEF\xBB\xBF"
        "0 1\n1 2\n");
  for (const char* name : {"bom-svm.json", "bom-trace.json"}) {
    const Finished run = here.laconic({"validate", name});
    INFO(run.err);
    CHECK(run.code == 0);
  }
  write(here.path / "bom.svm", std::string("\xFF\xFE+\0001\0", 6));
  check_refused(here.laconic({"validate", "bom-svm.json"}), {"bom.svm", "UTF-16"});
}

TEST_CASE("fault: names are text, in the terminal and in CSV") {
  const Faults here;
  check_refused(here.laconic({"validate", "esc-link.json"}), {"/conditions/links/0/link", "\\u001b"});
  check_refused(here.laconic({"validate", "esc-path.json"}), {"/data/path", "\\u001b"});
  check_refused(here.laconic({"validate", "plot-illformed-svg-esc-label.json"}), {"/algorithms/0/label"});
  check_refused(here.laconic({"validate", "\x1b[2J.json"}), {"\\x1B[2J.json"});
  const Finished run =
      here.laconic({"run", "label-underscore.json", "--out", "o", "--set", "/algorithms/0/label==1+1, \"and\" more"});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(read(here.path / "o/summary.csv").find(",\"'=1+1, \"\"and\"\" more\",") != std::string::npos);
}

TEST_CASE("fault: 25e6 is a whole number, a slip gets the nearest option, a key its place") {
  const Faults here;
  CHECK(here.laconic({"validate", "label-math.json", "--set", "/stop/rounds=2.5e1", "--seed", "1e3"}).code == 0);
  CHECK(here.laconic({"validate", "label-math.json", "--set", "/stop/rounds=2.5"}).code == 2);
  check_refused(here.laconic({"run", "label-math.json", "--sed", "3"}), {"--sed", "did you mean \"--se"});
  check_refused(here.laconic({"validate", "collective-place.json"}), {"at the top"});
}

TEST_CASE("fault: what is surely meant otherwise is a warning and no refusal") {
  const Faults here;
  const auto warned = [&](const std::string& set, const std::string& word) {
    const Finished run = here.laconic({"validate", "two-runs-q.json", "--set", set});
    INFO(run.err);
    CHECK(run.code == 0);
    CHECK(run.err.find("warning: ") != std::string::npos);
    CHECK(run.err.find(word) != std::string::npos);
  };
  CHECK(here.laconic({"validate", "two-runs-q.json"}).err.empty());
  warned("/platform/latency=10", "10 s");
  warned("/platform/bandwidth=100", "100 byte/s");
  warned("/algorithms/0/step=1e9", "1/L");
}

TEST_CASE("fault: all algorithms diverging is exit 3") {
  const Faults here;
  const Finished run = here.laconic({"run", "two-runs-q.json", "--set", "/algorithms/0/step=1e9", "--out", "o"});
  CHECK(run.code == 3);
  CHECK(run.out.find("all algorithms diverged") != std::string::npos);
}
