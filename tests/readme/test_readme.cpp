#include <algorithm>
#include <cstdio>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/readme/reader.hpp"
#include "tests/real_data.hpp"

// The pages are true: what they say to do can be done, and prints what they say it prints.

using namespace laconic;
using namespace laconic::readme;

namespace {

const fs::path source = LACONIC_SOURCE_DIR;

// Commands of the pages that no test runs, and why.
const std::map<std::string, std::string> not_run{
    {"./laconic test", "the test suite itself"},
    {"./laconic test -R \"law:\"", "the test suite itself"},
    {"cmake -G Ninja -B build && cmake --build build", "another build"},
    {"cmake --install build --prefix ~/.local --strip", "a test of its own installs elsewhere"},
    {".ci/run", "the gate, which runs this very test"},
    {"CXX=clang++ cmake -S . -B build-fuzz -G Ninja -DLACONIC_TORCH=OFF "
     "-DLACONIC_SANITIZE=address,undefined,fuzzer-no-link",
     "another build"},
    {"cmake --build build-fuzz --target laconic_fuzz", "another build"},
    {"tests/fuzz/run.py build-fuzz", "minutes, and it needs that build"},
    {"tests/fuzz/run.py build-fuzz --only csv,sites --seconds 3600", "an hour"},
    {"./laconic bench", "minutes"},
    {"./laconic bench --quick", "minutes"},
    {"./laconic bench gradients peers", "minutes"},
    {"apt install python3-numpy python3-torch python3-scipy", "it changes the machine"},
    {"./laconic check --all --markdown > scenarios/papers/README.md", "8 minutes, and it writes into the tree"},
    {"./laconic sweep scenarios/collectives.json", "5 s; the laws run every collective"},
    {"./laconic sweep scenarios/sweeps/async-map.json", "10 s; laws run its methods on every topology"},
    {"./laconic sweep scenarios/gossip.json", "half a minute; laws run its methods on every topology"},
    {"./laconic sweep scenarios/sweeps/gossip-map.json", "a minute; likewise"},
    {"./laconic run scenarios/ijcnn1.json", "half a minute; the page's own runs are like it"},
    {"./laconic run scenarios/catalogue.json", "minutes; every method runs in the laws"},
};

void follow(const char* page) {
  Reader reader(source, LACONIC_BINARY, laconic::tests::real_data(), not_run);
  reader.follow(read_page(source / page));
}

constexpr const char* followed[] = {
    "README.md",           "algorithms/README.md", "analysis/README.md",         "cmake/packaging/README.md",
    "platforms/README.md", "scenarios/README.md",  "scenarios/papers/README.md", "sim/README.md",
    "tests/README.md"};

}  // namespace

TEST_CASE("page: README.md does what it says") { follow("README.md"); }
TEST_CASE("page: algorithms/README.md does what it says") { follow("algorithms/README.md"); }
TEST_CASE("page: analysis/README.md does what it says") { follow("analysis/README.md"); }
TEST_CASE("page: cmake/packaging/README.md does what it says") { follow("cmake/packaging/README.md"); }
TEST_CASE("page: platforms/README.md does what it says") { follow("platforms/README.md"); }
TEST_CASE("page: scenarios/README.md does what it says") { follow("scenarios/README.md"); }
TEST_CASE("page: scenarios/papers/README.md does what it says") { follow("scenarios/papers/README.md"); }
TEST_CASE("page: sim/README.md does what it says") { follow("sim/README.md"); }
TEST_CASE("page: tests/README.md does what it says") { follow("tests/README.md"); }

TEST_CASE("pages: each README is followed by a test, and what is not run stands in one of them") {
  std::map<std::string, bool> stands;
  for (const auto& [command, why] : not_run) stands[command] = false;
  for (const auto& path : pages_below(source)) {
    if (path.filename() != "README.md") continue;
    INFO(path.string());
    CHECK(std::count(std::begin(followed), std::end(followed), path.lexically_relative(source)) == 1);
    for (const Block& block : read_page(path).blocks)
      for (const Command& command : commands_of(block)) stands[command.text] = true;
  }
  for (const auto& [command, why] : not_run) {
    INFO(command << ": " << why);
    CHECK(stands[command]);
  }
}

TEST_CASE("pages: lines are short, but for tables of which programs make or read a row, and the first page is one") {
  for (const auto& path : pages_below(source)) {
    const Page page = read_page(path);
    const auto name = path.lexically_relative(source);
    // A table that is generated, and one that is read by a test, which has each room's includes in one row.
    const bool generated = name == "scenarios/papers/README.md" || name == "sim/README.md";
    for (std::size_t i = 0; i < page.lines.size(); ++i) {
      if (generated && page.lines[i].starts_with('|')) continue;
      INFO(path.string() << ":" << i + 1);
      CHECK(page.lines[i].size() <= 160);
    }
  }
  CHECK(read_page(source / "README.md").lines.size() <= 140);
}

TEST_CASE("pages: every relative link leads to a file, and its anchor to a heading there") {
  for (const auto& path : pages_below(source)) {
    for (const std::string& link : read_page(path).links) {
      if (link.find("://") != std::string::npos || link.starts_with("mailto:")) continue;
      INFO(path.string() << ": " << link);
      const auto hash = link.find('#');
      const fs::path to = hash == 0 ? path : path.parent_path() / link.substr(0, hash);
      CHECK(fs::exists(to));
      if (hash != std::string::npos && fs::exists(to)) CHECK(read_page(to).anchors.contains(link.substr(hash + 1)));
    }
  }
}

namespace {

std::string said_by(const char* command) {
  std::FILE* pipe = popen(command, "r");
  REQUIRE(pipe);
  std::string out;
  char buffer[1 << 12];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  CHECK(pclose(pipe) == 0);
  return out;
}

void add_keys(const nlohmann::json& schema, std::set<std::string>& keys) {
  if (!schema.is_structured()) return;
  if (schema.contains("properties"))
    for (const auto& [key, value] : schema["properties"].items()) keys.insert(key);
  for (const auto& inner : schema) add_keys(inner, keys);
}

}  // namespace

TEST_CASE("pages: every key of a scenario is explained") {
  const std::string pages = text_of_file(source / "scenarios/README.md") + text_of_file(source / "platforms/README.md");
  std::set<std::string> keys;
  add_keys(nlohmann::json::parse(text_of_file(source / "scenarios/schema.json")), keys);
  CHECK(keys.size() > 100);
  for (const auto& key : keys) {
    INFO(key);
    CHECK((pages.find("`" + key + "`") != std::string::npos || pages.find("\"" + key + "\"") != std::string::npos));
  }
}

TEST_CASE("pages: every name that a scenario may use is explained") {
  std::string pages;
  for (const char* page : followed) pages += text_of_file(source / page);
  std::istringstream names(said_by(LACONIC_BINARY " list"));
  int count = 0;
  for (std::string line; std::getline(names, line);) {
    if (!line.starts_with("  ")) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    INFO(name);
    // Where names differ in their ends alone, a page may give the others' ends: `lasg-wk1`, `-wk2`.
    const std::string end = name.substr(std::min(name.rfind('-'), name.size()));
    CHECK((pages.find("`" + name + "`") != std::string::npos || pages.find(", `" + end + "`") != std::string::npos));
    ++count;
  }
  CHECK(count > 100);
}
