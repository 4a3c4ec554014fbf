#include "algorithms/base/human_units.hpp"

#include "tests/catch.hpp"

using namespace laconic;

// tests/analysis/test_decide.py holds Python to the same texts.
TEST_CASE("a time in words has three digits and the unit that suits it, as in figures and reports") {
  const std::pair<double, const char*> times[] = {
      {0, "0 s"},        {2.5e-9, "2.50 ns"}, {1.25e-5, "12.5 µs"}, {0.0021, "2.10 ms"},
      {0.716, "716 ms"}, {1.449, "1.45 s"},   {59.94, "59.9 s"},    {240.7, "241 s"},
      {599.4, "599 s"},  {601, "10.0 min"},   {1300, "21.7 min"},   {7150, "119 min"},
      {7300, "2.03 h"},  {171000, "47.5 h"},  {260000, "3.01 d"},   {3.2e11, "10140 years"}};
  for (const auto& [seconds, words] : times) CHECK(human_time(seconds) == words);
}

TEST_CASE("columns are aligned by what is seen, not by bytes") {
  CHECK(aligned({{"a", "b"}, {"long", "12.5 µs"}, {"c", "9.00 ms"}}) ==
        "a           b\nlong  12.5 µs\nc     9.00 ms\n");
  CHECK(text_width("12.5 µs") == 7);
}
