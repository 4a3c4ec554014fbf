#include "tests/faults/faults.hpp"

using namespace laconic::tests;

TEST_CASE("fault: watts that a platform file does not give are refused with the host or link") {
  const Faults here;
  check_refused(here.laconic({"run", "watts-none.json"}), {"/platform/watts: ", "host a ", "wattage_per_state"});
  check_refused(here.laconic({"run", "watts-some.json"}), {"/platform/watts: ", "host b ", "wattage_per_state"});
  check_refused(here.laconic({"run", "watts-pstate.json"}),
                {"/platform/watts: ", "host a: ", "each of its 2 speeds", "10:20"});
  // What stands for the rest may be said beside the file's.
  const auto with_rest = [&](const char* link) {
    return here.laconic({"validate", "watts-none.json", "--set",
                         std::string(R"(/platform/watts={"file": true, "server": {"idle": 1, "busy": 2},
                                        "worker": {"idle": 1, "busy": 2})") +
                             link + "}"});
  };
  check_refused(with_rest(""), {"/platform/watts: ", "link l ", "wattage_range"});
  CHECK(with_rest(R"(, "link": {"idle": 0, "busy": 1})").code == 0);
}

TEST_CASE("fault: XML without DOCTYPE or with a byte order mark is read") {
  const Faults here;
  CHECK(here.laconic({"run", "no-doctype.json"}).code == 0);
  CHECK(here.laconic({"run", "bom-xml.json"}).code == 0);
}

TEST_CASE("fault: a number in XML that SimGrid cannot read is told with its element and attribute") {
  const Faults here;
  check_refused(here.laconic({"validate", "no-doctype.json", "--set", "/platform/file=ovf.xml"}),
                {"/platform/file: ", "ovf.xml, line 3: radical of <cluster> c", "999999999999999999999"});
}

TEST_CASE("fault: quoted headers of measured networks are read") {
  const Faults here;
  CHECK(here.laconic({"run", "quoted-wan.json"}).code == 0);
}
