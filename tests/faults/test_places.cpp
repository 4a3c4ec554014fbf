#include "tests/faults/faults.hpp"

using namespace laconic::tests;

TEST_CASE("fault: a scenario whose file is missing is refused with its name") {
  const Faults here;
  check_refused(here.laconic({"validate", "no-such.json"}), {"no-such.json"});
}
