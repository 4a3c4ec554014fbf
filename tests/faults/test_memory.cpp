#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

TEST_CASE("fault: what needs more memory than any machine has is refused before it takes it") {
  const Faults here;
  json s{{"name", "s"},
         {"workers", 100000},
         {"problem", {{"type", "toy"}, {"function", "quadratic"}, {"dimension", 100000000}}},
         {"platform", {{"type", "none"}}},
         {"algorithms", {{{"method", "gd"}}}},
         {"stop", {{"rounds", 2}}}};
  const auto refused = [&](const std::vector<std::string>& words) {
    here.write("s.json", s);
    for (const char* command : {"validate", "run"}) check_refused(here.laconic({command, "s.json"}), words);
  };
  refused({"s.json: /problem", "d = 100000000", "M = 100000", "needs about", "are available"});
  s["problem"] = {{"type", "quadratic"},
                  {"dimension", 1000000},
                  {"spectrum", {{"type", "linear"}, {"min", 1}, {"max", 2}}},
                  {"rotate", false}};
  refused({"s.json: /problem", "d = 1000000", "needs about"});
}
