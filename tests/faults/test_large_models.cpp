#include "tests/faults/faults.hpp"

// Methods for large models: what would silently be timed or scaled wrongly.

using namespace laconic::tests;

TEST_CASE("a delayed exchange is learned without time, and on no platform timed as what it is not") {
  const Faults here;
  CHECK(here.laconic({"run", "late-fragments.json"}).code == 0);
  const std::vector<std::string> words{
      "/algorithms/0/delay: an exchange that goes on while workers compute is not timed"};
  check_refused(here.laconic({"run", "late-fragments.json", "--set", "/platform={\"type\": \"star\"}"}), words);
  check_refused(here.laconic({"replay", "results/late-fragments", "--platform", "{\"type\": \"star\"}"}), words);
}

TEST_CASE("Adam's step along gradient descent's default is refused") {
  const Faults here;
  check_refused(here.laconic({"run", "adam-step.json"}),
                {"/algorithms/0/step: missing: the default, 1/L, suits gradients, and update \"adam\" divides them"});
}
