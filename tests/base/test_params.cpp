#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/core/schedule.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

const Constants constants{{"L", 4}};

// What reading `key` of `object` throws.
template <class Read>
std::string error_of(const json& object, Read read) {
  Params in(object, "s.json", "/a/0", constants);
  try {
    read(in);
    in.finish("the test");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("parameters that are right are read, absent ones fall back") {
  const json object = {{"x", 2},        {"n", 3},          {"on", true},      {"name", "b"},
                       {"step", "1/L"}, {"w", {1, "1/L"}}, {"comment", "why"}};
  Params in(object, "s.json", "/a", constants);
  CHECK(in.number("x", {}, positive, "") == 2);
  CHECK(in.number("y", 7, positive, "") == 7);
  CHECK(in.count("n", {}, 1, "") == 3);
  CHECK(in.flag("on", false, ""));
  CHECK(in.choice("name", {}, {"a", "b"}, "") == "b");
  CHECK(read_schedule(in, "step", nullptr, "")(5) == 0.25);
  CHECK(in.weights("w", 2, {}, "", "") == std::vector<double>{1, 0.25});
  CHECK(in.weights("v", 2, {3, 4}, "", "") == std::vector<double>{3, 4});
  CHECK(in.expression("z", "2/L", positive, "") == 0.5);
  in.finish("the test");
  CHECK(in.described().front().key == "x");
}

TEST_CASE("step schedules") {
  const json sqrt_law = {{"step", {{"type", "inverse-sqrt"}, {"c", "1/sqrt(L)"}}}};
  const json inverse = {{"step", {{"type", "inverse"}, {"a", 6}, {"b", 2}}}};
  Params law1(sqrt_law, "", "", constants), law2(inverse, "", "", constants);
  CHECK(read_schedule(law1, "step", nullptr, "")(3) == 0.25);
  CHECK(read_schedule(law2, "step", nullptr, "")(1) == 2);
}

TEST_CASE("every mistake names the place, the value and what is allowed") {
  const auto number = [](Params& in) { in.number("x", {}, positive, ""); };
  const auto count = [](Params& in) { in.count("x", {}, 1, "", 9); };
  const auto step = [](Params& in) { read_schedule(in, "x", nullptr, ""); };
  const auto choice = [](Params& in) { in.choice("x", {}, {"top-k", "sign"}, ""); };
  const auto weights = [](Params& in) { in.weights("x", 2, {}, "", ""); };
  const std::string steps =
      "a positive number, an expression such as \"1/L\", {\"type\": \"inverse-sqrt\", \"c\": c} for c/sqrt(k+1), or "
      "{\"type\": \"inverse\", \"a\": a, \"b\": b} for a/(k+b)";
  CHECK(error_of({{"x", -1}}, number) == "s.json: /a/0/x: expected a positive number, got -1");
  CHECK(error_of({{"x", "1"}}, number) == "s.json: /a/0/x: expected a positive number, got \"1\"");
  CHECK(error_of(json::object(), number) == "s.json: /a/0: missing \"x\": expected a positive number");
  CHECK(error_of({{"x", 1}, {"xx", 2}}, number) == "s.json: /a/0: \"xx\" means nothing to the test; it reads \"x\"");
  CHECK(error_of({{"x", 10}}, count) == "s.json: /a/0/x: expected a whole number from 1 to 9, got 10");
  CHECK(error_of({{"x", 1.5}}, count) == "s.json: /a/0/x: expected a whole number from 1 to 9, got 1.5");
  CHECK(error_of({{"x", "topk"}}, choice) ==
        "s.json: /a/0/x: expected \"top-k\" or \"sign\", got \"topk\" (did you mean \"top-k\"?)");
  CHECK(error_of({{"x", true}}, step) == "s.json: /a/0/x: expected " + steps + ", got true");
  CHECK(error_of({{"x", "1/Q"}}, step) ==
        "s.json: /a/0/x: expected a positive number or an expression such as \"1/L\", got \"1/Q\", which names \"Q\"; "
        "known: \"sqrt\", \"log\", \"exp\" or \"L\"");
  const auto fallback = [](Params& in) { in.expression("x", "1/Q", positive, ""); };
  CHECK(error_of(json::object(), fallback) ==
        "s.json: /a/0/x: missing: expected a positive number, since the default, \"1/Q\", names \"Q\"; known: "
        "\"sqrt\", \"log\", \"exp\" or \"L\"");
  CHECK(error_of({{"x", "L-4"}}, step) ==
        "s.json: /a/0/x: expected a positive number or an expression such as \"1/L\", got \"L-4\", which is 0");
  CHECK(error_of({{"x", {{"type", "inverse"}, {"a", 1}}}}, step) ==
        "s.json: /a/0/x: missing \"b\": expected a positive number or an expression such as \"1/L\"");
  CHECK(error_of({{"x", {{"type", "inverse-sqrt"}, {"c", 1}, {"b", 1}}}}, step) ==
        "s.json: /a/0/x: \"b\" means nothing to this step schedule; it reads \"c\" and \"type\"");
  CHECK(error_of({{"x", {1, 2, 3}}}, weights) == "s.json: /a/0/x: expected a list of D = 2 weights, got 3 of them");
  CHECK(error_of({{"x", {1, -2}}}, weights) ==
        "s.json: /a/0/x/1: expected a number that is not negative or an expression such as \"1/L\", got -2");
}

TEST_CASE("a part reads its own object first, then the entry around it") {
  const json entry = {{"compressor", {{"type", "top-k"}, {"k", 5}}}, {"k", 9}, {"H", 2}};
  Params in(entry, "s.json", "/a/0");
  CHECK(in.part_name("compressor", "identity", {"identity", "top-k"}, "") == "top-k");
  Params part = in.part("compressor");
  CHECK(part.count("k", {}, 1, "") == 5);
  CHECK(part.count("H", {}, 1, "") == 2);
  in.finish("the test");

  const auto read = [](Params& p) {
    p.part_name("compressor", "identity", {"identity", "top-k"}, "");
    Params own = p.part("compressor");
    own.count("k", {}, 1, "");
  };
  CHECK(error_of({{"compressor", {{"type", "top-k"}, {"k", 0}}}}, read) ==
        "s.json: /a/0/compressor/k: expected a whole number, 1 or more, got 0");
  CHECK(error_of({{"compressor", {{"type", "top-k"}, {"k", 1}, {"kk", 0}}}}, read) ==
        "s.json: /a/0/compressor: \"kk\" means nothing to top-k; it reads \"k\" and \"type\"");
  CHECK(error_of({{"compressor", {{"k", 1}}}}, read) ==
        "s.json: /a/0/compressor: missing \"type\": expected \"identity\" or \"top-k\"");
  CHECK(error_of({{"compressor", "topk"}}, read) ==
        "s.json: /a/0/compressor: expected \"identity\" or \"top-k\", got \"topk\" (did you mean \"top-k\"?)");
}

TEST_CASE("the nearest name is offered only when it is near") {
  const std::vector<std::string> names{"bandwidth", "latency", "top-k", "error-feedback"};
  CHECK(nearest("bandwith", names) == "bandwidth");
  CHECK(nearest("Latency", names) == "latency");
  CHECK(nearest("topk", names) == "top-k");
  CHECK(nearest("error_feedbakc", names) == "error-feedback");
  CHECK(nearest("elephant", names).empty());
  CHECK(nearest(std::string(100000, 'x'), names).empty());
}
