#include "sim/scenario/json_input.hpp"

#include <unistd.h>

#include <fstream>

#include "algorithms/base/error.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string parse_error(const std::string& text) {
  return error_of([&] { parse_json(text, "s.json"); });
}

std::string set_error(const std::string& assignment) {
  json scenario = {{"platform", {{"latency", "1ms"}}}, {"algorithms", {{{"method", "gd"}}}}, {"name", "x"}};
  return error_of([&] { apply_set(scenario, assignment); });
}

}  // namespace

TEST_CASE("JSON is read as it stands") {
  CHECK(parse_json("\xEF\xBB\xBF{\"a\": [1, {\"b\": 2}, {\"b\": 3}]}", "") == json{{"a", {1, {{"b", 2}}, {{"b", 3}}}}});
}

TEST_CASE("what is not JSON is said with its place") {
  for (const char* empty : {"", " \n", "\xEF\xBB\xBF", "\xEF\xBB\xBF \t\r\n"})
    CHECK(parse_error(empty) == "s.json:1:1: not JSON: there is nothing in it");
  CHECK(parse_error("{\n  \"a\": 1,\n}") ==
        "s.json:3:1: not JSON: parsing object key - unexpected '}'; expected string literal");
  CHECK(parse_error("{\"a\": NaN}") == "s.json:1:7: not JSON: parsing value - invalid literal; last read: '\"a\": N'");
  CHECK(parse_error("{} x") ==
        "s.json:1:4: not JSON: parsing value - invalid literal; last read: '{} x'; expected end of input");
  CHECK(parse_error("{\n\"a\": 1e400}") == "s.json:2:6: not JSON: number overflow parsing '1e400'");
  CHECK(parse_error("{\"a\": \"\xFF\"}").find("s.json:1:8: not JSON: ") == 0);
  CHECK(parse_error(std::string(100000, '[')) == "s.json: nested more than 200 levels deep");
}

TEST_CASE("a key that stands twice is a mistake, not the last one's victory") {
  CHECK(parse_error("{\"a\": 1, \"a\": 2}") == "s.json: /: the key \"a\" stands twice");
  CHECK(parse_error("{\"a\": [0, [], {\"b\": {}, \"step\": 1, \"step\": 2}]}") ==
        "s.json: /a/2: the key \"step\" stands twice");
  CHECK(parse_error("[{\"a\": 1}, {\"a\": 1}]") == "no error");
}

TEST_CASE("files that cannot be read") {
  CHECK(error_of([] { read_json("/no/such/file.json"); }) ==
        "/no/such/file.json: cannot read: No such file or directory");
  CHECK(error_of([] { read_json("/"); }) == "/: is a folder, not a file");
}

TEST_CASE("the option --set replaces values, makes keys, reads JSON and falls back to strings") {
  json s = {{"a", {{"b", 1}}}, {"list", {{{"x", 1}}, 5}}};
  apply_set(s, "/a/b=10ms");
  apply_set(s, "/a/c=[1, 2]");
  apply_set(s, "/list/0/x=1/L");
  apply_set(s, "/list/1=true");
  apply_set(s, "/a/d={\"k\": \"a=b\"}");
  apply_set(s, "/a/e=");
  apply_set(s, "/a/x~1y=1");
  CHECK(s == json{{"a", {{"b", "10ms"}, {"c", {1, 2}}, {"d", {{"k", "a=b"}}}, {"e", ""}, {"x/y", 1}}},
                  {"list", {{{"x", "1/L"}}, true}}});
}

TEST_CASE("the option --set says what is wrong with it") {
  const char* form = "--set: expected /pointer=value, e.g. /platform/latency=10ms, got ";
  CHECK(set_error("/platform/latency") == std::string(form) + "\"/platform/latency\"");
  CHECK(set_error("platform=1") == std::string(form) + "\"platform=1\"");
  CHECK(set_error("") == std::string(form) + "\"\"");
  CHECK(set_error("/=1") == std::string(form) + "\"/=1\"");
  CHECK(set_error("/platfrom/latency=1") ==
        "--set /platfrom/latency: there is no \"platfrom\" (did you mean \"platform\"?); there are \"algorithms\", "
        "\"name\" and \"platform\"");
  CHECK(set_error("/algorithms/1/step=1") == "--set /algorithms/1/step: expected an index from 0 to 0, got \"1\"");
  CHECK(set_error("/algorithms/-/step=1") == "--set /algorithms/-/step: expected an index from 0 to 0, got \"-\"");
  CHECK(set_error("/name/x=1") == "--set /name/x: \"x\" cannot be found inside \"x\"");
  CHECK(set_error("/name=[1,").find("--set /name:1:4: not JSON: ") == 0);
}
