#include <stdexcept>
#include <string>

#include "algorithms/base/expression.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

static const Constants constants{{"L", 4}, {"L_max", 2}, {"M", 10}, {"d", 3}, {"K", 100}};

TEST_CASE("expressions over the problem's constants") {
  const std::pair<const char*, double> table[] = {
      {"1/L", 0.25},      {"1/(M L)", 0.025}, {"1/(M*L)", 0.025},
      {"1/sqrt(L)", 0.5}, {"0.5", 0.5},       {" 2 / ( L + L_max ) ", 1.0 / 3},
      {"-1 + 3", 2},      {"2^3^2", 512},     {"-2^2", -4},
      {"2 L_max M", 40},  {"1e-3 L", 0.004},  {"sqrt(K) / 10", 1},
      {"2(3+1)", 8},      {"exp(log(5))", 5}, {"(1/L) M", 2.5},
      {"1 - 2 - 3", -4},  {"8/2/2", 2},       {"d", 3},
      {".5", 0.5},        {"1/L*M", 2.5}};
  for (const auto& [text, value] : table) {
    INFO(text);
    CHECK(evaluate_expression(text, constants) == Approx(value).epsilon(1e-15));
  }
}

TEST_CASE("expressions that cannot be read say why") {
  const std::pair<const char*, const char*> table[] = {
      {"", "ends where a number or a name was expected"},
      {"1/", "ends where a number or a name was expected"},
      {"fast", "names \"fast\"; known: \"sqrt\", \"log\", \"exp\", \"K\", \"L\", \"L_max\", \"M\" or \"d\""},
      {"1/l_max",
       "names \"l_max\" (did you mean \"L_max\"?); known: \"sqrt\", \"log\", \"exp\", \"K\", \"L\", \"L_max\", \"M\" "
       "or \"d\""},
      {"1/M L", "reads both ways: write 1/(a b) or (1/a) b"},
      {"(1+2", "lacks a \")\""},
      {"sqrt 2", "lacks a \"(\" after sqrt"},
      {"1 $ 2", "has an unexpected \"$\""},
      {")", "has an unexpected \")\""},
      {"1)", "has an unexpected \")\""}};
  for (const auto& [text, message] : table) {
    INFO(text);
    CHECK_THROWS_WITH(evaluate_expression(text, constants), message);
  }
  CHECK_THROWS_WITH(evaluate_expression(std::string(500, '('), constants), "is nested too deeply");
  CHECK_THROWS_WITH(evaluate_expression(std::string(2000, '-'), constants), "is longer than 1000 characters");
}
