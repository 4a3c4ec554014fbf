#include <fstream>

#include "tests/faults/faults.hpp"

using namespace laconic::tests;

// Faults that the fuzzers of readers found, and what is of their kind.

namespace {

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string set(const std::string& pointer, const std::string& value) { return pointer + "=" + value; }

}  // namespace

TEST_CASE("fault: bytes that are no UTF-8 are refused where they are text, and a file may be named so") {
  const Faults here;
  check_refused(here.laconic({"validate", "mbps-bz2.json", "--set", "/algorithms/0/label=\xff"}), {"--set", "UTF-8"});
  fs::copy(here.path / "label-underscore.json", here.path / "\xff.json");
  const Finished run = here.laconic({"run", "\xff.json", "--out", "o"});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(nlohmann::json::parse(text_of(here.path / "o/run.json"))["file"].get<std::string>().ends_with(".json"));
}

TEST_CASE("fault: XML that is nested beyond all reason is refused") {
  const Faults here;
  std::string open, close;
  for (int i = 0; i < 100000; ++i) {
    open += "<zone>";
    close += "</zone>";
  }
  write(here.path / "deep.xml", "<platform version=\"4.1\">\n" + open + close + "</platform>");
  check_refused(here.laconic({"validate", "mbps-bz2.json", "--set", set("/platform", R"({"file": "deep.xml"})")}),
                {"/platform/file", "deep.xml, line 2", "nested"});
}

TEST_CASE("fault: a file of sites that has none, or more than can be, is refused") {
  const Faults here;
  const auto validate = [&](const std::string& text) {
    write(here.path / "sites.csv", text);
    return here.laconic(
        {"validate", "mbps-bz2.json", "--set", set("/platform", R"({"type": "wan", "path": "sites.csv"})")});
  };
  check_refused(validate("\"\"\n"), {"sites.csv:1", "expected a header"});
  std::string many = "region_a,region_b,delay_ms\n";
  for (int i = 0; i < 5002; i += 2) many += "s" + std::to_string(i) + ",s" + std::to_string(i + 1) + ",1\n";
  check_refused(validate(many), {"sites.csv:2502", "at most 5000 sites"});
}

TEST_CASE("fault: no window of a mahimahi trace is one that rounding makes") {
  const Faults here;
  // 11 / 1.1 is 10.000000000000002.
  write(here.path / "packets", "1\n11\n");
  const Finished run = here.laconic(
      {"validate", "mbps-bz2.json", "--set",
       set("/conditions", R"({"links": [{"link": "server_UP", "mahimahi": "packets", "window": "1.1ms"}]})")});
  INFO(run.err);
  CHECK(run.code == 0);
}
