#include "platforms/topologies/registry.hpp"
#include "sim/scenario/schema_check.hpp"

#include <map>
#include <set>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/expression.hpp"
#include "algorithms/data/partition.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/graphs/registry.hpp"
#include "algorithms/graphs/weights.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/registry.hpp"
#include "sim/commands/describe.hpp"
#include "sim/rounds/collectives/collective.hpp"
#include "tests/sim/runs.hpp"

// The schema is the one description of the format: what it names, the registries have, and the other way round.

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::set<std::string> enumerated(const json& schema) {
  const auto names = schema.at("enum").get<std::vector<std::string>>();
  return {names.begin(), names.end()};
}

template <class Entry>
std::set<std::string> set_of(std::span<const Entry> table) {
  std::set<std::string> out;
  for (const auto& entry : table) out.insert(entry.name);
  return out;
}

std::set<std::string> keys(const json& schema) {
  std::set<std::string> out;
  for (const auto& [key, value] : schema.at("properties").items())
    if (key != "comment" && key != "$schema") out.insert(key);
  return out;
}

// Those of the objects within as well.
std::set<std::string> keys_within(const json& schema) {
  std::set<std::string> out;
  if (!schema.is_object()) return out;
  if (schema.contains("properties")) out = keys(schema);
  for (const char* place : {"properties", "anyOf"})
    if (schema.contains(place))
      for (const auto& inner : schema[place]) out.merge(keys_within(inner));
  return out;
}

const json& properties(const char* block) { return scenario_schema().at("properties").at(block).at("properties"); }

// The parameters `describe` shows of a name, with their meaning; some names are both a method's and a part's.
std::map<std::string, std::string> described(const std::string& name, const std::string& kind) {
  std::string text = describe(name);
  const auto start = text.find(name + ": " + kind);
  REQUIRE(start != std::string::npos);
  text = text.substr(start, text.find("\n\n" + name + ": ", start) - start);
  std::map<std::string, std::string> out;
  for (std::size_t at = text.find("\nParameters"); (at = text.find("\n  ", at)) != std::string::npos; ++at) {
    if (text[at + 3] == ' ') continue;
    const auto end = text.find_first_of(" \n", at + 3), meaning = text.find_first_not_of(' ', end);
    const std::string key = text.substr(at + 3, end - at - 3);
    if (key != "no") out[key] = text.substr(meaning, text.find('\n', meaning) - meaning);
  }
  return out;
}

// What scenarios/schema.json lacks of a name's parameters: the lines to add, and the objects to add them to.
std::string lacking(const std::string& name, const std::map<std::string, std::string>& parameters, const json& schema,
                    const std::string& pointer, bool reference = false) {
  std::string out;
  const auto known = keys_within(schema);
  for (const auto& [key, meaning] : parameters) {
    if (known.contains(key)) continue;
    const json added = reference ? json{{"$ref", "#/definitions/part/properties/" + key}}
                                 : json{{"description", name + ": " + meaning},
                                        {"type", "number, integer, string or boolean"},
                                        {"errorMessage", "the words for what is allowed"}};
    out += "scenarios/schema.json: " + pointer + "/properties lacks \"" + key + "\": " + added.dump() + "\n";
  }
  return out;
}

std::string findings(const json& source) {
  try {
    check_schema(source, "s.json");
  } catch (const InputError& e) {
    return e.what();
  }
  return "none";
}

std::string finding(const char* pointer, const json& value) {
  json source = small_scenario();
  source[json::json_pointer(pointer)] = value;
  return findings(source);
}

}  // namespace

TEST_CASE("the schema's names are the registries' names") {
  CHECK(enumerated(properties("problem").at("type")) == set_of(problems::problems()));
  CHECK(enumerated(properties("data").at("type")) == set_of(data_sources()));
  CHECK(enumerated(properties("data").at("partition").at("anyOf").at(1).at("properties").at("type")) ==
        set_of(partitions()));
  auto topologies = set_of(platforms::topologies());
  topologies.insert("none");
  CHECK(enumerated(properties("platform").at("type")) == topologies);
  CHECK(enumerated(properties("network").at("model")) == set_of(network_models()));
  const json& collective = scenario_schema().at("properties").at("collective").at("anyOf");
  CHECK(enumerated(collective.at(0)) == set_of(collectives()));
  CHECK(enumerated(collective.at(1).at("properties").at("type")) == set_of(collectives()));
  const json& graph = scenario_schema().at("properties").at("graph").at("anyOf");
  CHECK(enumerated(graph.at(0)) == set_of(graphs::kinds()));
  CHECK(enumerated(graph.at(1).at("properties").at("type")) == set_of(graphs::kinds()));
  CHECK(enumerated(graph.at(1).at("properties").at("weights").at("anyOf").at(0)) == set_of(graphs::weight_rules()));
}

TEST_CASE("every parameter of every registry entry is a key of the schema") {
  const auto at = [](const std::string& pointer) -> const json& {
    return scenario_schema().at(json::json_pointer(pointer));
  };
  const std::string entry = "/properties/algorithms/items";
  const auto method = [&](const char* name) {
    CHECK(described(name, "method").size() > 5);
    CHECK(lacking(name, described(name, "method"), at(entry), entry) == "");
  };
  for (const auto& m : methods::methods()) method(m.name);
  for (const auto& m : asynchronous::asynchronous_methods()) method(m.name);
  // A part's parameters stand in the part's own object, or beside its name in the entry.
  const auto part = [&](const char* name, const char* kind) {
    const auto parameters = described(name, kind);
    CHECK(lacking(name, parameters, at("/definitions/part"), "/definitions/part") == "");
    CHECK(lacking(name, parameters, at(entry), entry, true) == "");
  };
  for (const auto& c : methods::compressors()) part(c.name, "compressor");
  for (const auto& m : methods::memories()) part(m.name, "memory");
  for (const auto& t : methods::triggers()) part(t.name, "trigger");
  for (const auto& p : participations()) part(p.name, "participation");
  for (const auto& u : methods::local_updates()) part(u.name, "local update");
  for (const auto& u : methods::updates()) part(u.name, "update");
  const auto block = [&](const char* name, const char* kind, const std::string& pointer) {
    CHECK(lacking(name, described(name, kind), at(pointer), pointer) == "");
  };
  for (const auto& p : problems::problems()) block(p.name, "problem", "/properties/problem");
  for (const auto& s : data_sources()) block(s.name, "data", "/properties/data");
  for (const auto& p : partitions()) block(p.name, "partition", "/properties/data/properties/partition/anyOf/1");
  for (const auto& c : collectives()) block(c.name, "collective", "/properties/collective");
  for (const auto& g : graphs::kinds()) block(g.name, "graph", "/properties/graph");
  for (const auto& p : topologies()) block(p.name, "platform", "/properties/platform");
}

TEST_CASE("a parameter that the schema lacks is told with the line to add and the place to add it") {
  const json schema = {{"properties", {{"known", json::object()}}}};
  const std::map<std::string, std::string> parameters = {{"known", "one"}, {"new", "a share"}};
  CHECK(lacking("codec", parameters, schema, "/definitions/part") ==
        "scenarios/schema.json: /definitions/part/properties lacks \"new\": {\"description\":\"codec: a share\","
        "\"errorMessage\":\"the words for what is allowed\",\"type\":\"number, integer, string or boolean\"}\n");
  CHECK(lacking("codec", parameters, schema, "/properties/algorithms/items", true) ==
        "scenarios/schema.json: /properties/algorithms/items/properties lacks \"new\": "
        "{\"$ref\":\"#/definitions/part/properties/new\"}\n");
}

TEST_CASE("every object of the schema refuses unknown keys, allows a comment, and has words for a wrong value") {
  const std::function<void(const json&, const std::string&)> visit = [&](const json& schema, const std::string& where) {
    INFO(where);
    if (schema.contains("$ref")) {
      CHECK_NOTHROW(scenario_schema().at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))));
      return;
    }
    if (schema.contains("properties")) {
      CHECK(schema.at("additionalProperties") == false);
      CHECK(schema["properties"].contains("comment"));
      for (const auto& [key, child] : schema["properties"].items()) {
        INFO(key);
        const json& resolved =
            child.contains("$ref")
                ? scenario_schema().at(json::json_pointer(child["$ref"].get<std::string>().substr(1)))
                : child;
        CHECK((resolved.contains("errorMessage") || resolved.contains("enum")));
        CHECK(resolved.contains("description"));
        visit(child, where + "/" + key);
      }
    }
    if (schema.contains("items")) visit(schema["items"], where + "/items");
    for (const auto& one : schema.value("anyOf", json::array())) visit(one, where + "/anyOf");
  };
  visit(scenario_schema(), "");
  for (const auto& [name, schema] : scenario_schema().at("definitions").items()) visit(schema, name);
}

TEST_CASE("comments are allowed everywhere and mean nothing") {
  json source = small_scenario({{"method", "gd"}, {"comment", "a note"}});
  for (const char* block : {"problem", "data", "platform", "network", "stop"})
    source[block]["comment"] = {"two", "lines"};
  source["comment"] = "x";
  CHECK(findings(source) == "none");
  CHECK_NOTHROW(scenario_of(source));
}

TEST_CASE("the schema's findings are sentences") {
  CHECK(findings(small_scenario()) == "none");
  CHECK(findings(json::array()) == "s.json: /: expected an object, got []");
  CHECK(finding("/workers", "ten") == "s.json: /workers: expected a whole number from 1 to 1000000, got \"ten\"");
  CHECK(finding("/workers", 0) == "s.json: /workers: expected a whole number from 1 to 1000000, got 0");
  CHECK(finding("/workers", 2.5) == "s.json: /workers: expected a whole number from 1 to 1000000, got 2.5");
  CHECK(finding("/seed", true) == "s.json: /seed: expected a whole number from 0 to 2^53, got true");
  CHECK(finding("/network/model", "alpha-bta") ==
        "s.json: /network/model: expected \"alpha-beta\", \"tcp\" or \"connections\", got \"alpha-bta\" (did you mean "
        "\"alpha-beta\"?)");
  CHECK(finding("/network/skip_notice", "yes") == "s.json: /network/skip_notice: expected true or false, got \"yes\"");
  CHECK(finding("/algorithms", json::array()) ==
        "s.json: /algorithms: expected a list of at least one algorithm, got []");
  CHECK(finding("/algorithms/0/method", 1) == "s.json: /algorithms/0/method: expected the name of a method, got 1");
  CHECK(finding("/algorithms/0/step", {{"type", "inverse"}, {"b", -1}}) ==
        "s.json: /algorithms/0/step/b: expected a positive number or an expression such as \"1/L\", got -1");
  CHECK(finding("/algorithms/0/step", {{"type", "inverse"}, {"a", 1}, {"bb", 1}}) ==
        "s.json: /algorithms/0/step: unknown key \"bb\"; known: \"a\", \"b\", \"c\" and \"type\"");
  CHECK(finding("/platform/bandwidth", -5).find("s.json: /platform/bandwidth: expected a positive bandwidth: ") == 0);
  CHECK(
      finding("/platform/latency", {"1ms", -1, "1ms"}) ==
      "s.json: /platform/latency/1: expected a time that is not negative: seconds, or a string such as \"10ms\", got -1");
  CHECK(
      finding("/platform/latency", {{"type", "unifrom"}}) ==
      "s.json: /platform/latency/type: expected \"uniform\", \"log-uniform\", \"inverse-uniform\", \"log-normal\" or \"exponential\", got \"unifrom\" (did you mean \"uniform\"?)");
  CHECK(finding("/record/metrics", {"loss", "loss"}) ==
        "s.json: /record/metrics: expected a list of different metrics, got [\"loss\",\"loss\"]");
  CHECK(finding("/name", "a/b") ==
        "s.json: /name: expected a name of letters, digits, '.', '_' and '-', not starting with '.', got \"a/b\"");
  CHECK(finding("/algorithms/0/label", " ") ==
        "s.json: /algorithms/0/label: expected a name of 1 to 80 characters, not all of them blank, got \" \"");
  CHECK(finding("/algorithms/0/label", "a\x1b[2J") ==
        "s.json: /algorithms/0/label: expected text without control characters, got \"a\\u001b[2J\"");
  CHECK(finding("/networks", json::object())
            .find("s.json: /: unknown key \"networks\" (did you mean \"network\"?); known: \"algorithms\", ") == 0);
  CHECK(finding("/platform/band width", 1)
            .find("s.json: /platform: unknown key \"band width\" (did you mean \"bandwidth\"?); known: ") == 0);
  CHECK(finding("/algorithms/0/Step", 1)
            .find("s.json: /algorithms/0: unknown key \"Step\" (did you mean \"step\"?); known: ") == 0);
}

TEST_CASE("all of the schema's findings are told at once, each on a line of its own") {
  json source = small_scenario();
  source.erase("stop");
  source["workers"] = 0;
  source["record"]["evry"] = 1;
  CHECK(
      findings(source) ==
      "s.json: /: missing \"stop\": expected an object\n"
      "s.json: /record: unknown key \"evry\" (did you mean \"every\"?); known: \"every\", \"format\" and \"metrics\"\n"
      "s.json: /workers: expected a whole number from 1 to 1000000, got 0");
}

TEST_CASE("describe and list know every name, and say what they do not know") {
  const auto known = [](const auto& m, const char* kind) {
    const std::string text = describe(m.name);
    CHECK(text.find(m.doc.box[0] ? std::string(m.doc.title) : "?") != std::string::npos);
    CHECK(text.find("\nBits: ") != std::string::npos);
    CHECK(text.find("Source: ") != std::string::npos);
    CHECK(text.find("start ") != std::string::npos);
    CHECK(list_names(kind).find(m.name) != std::string::npos);
  };
  for (const auto& m : methods::methods()) known(m, "methods");
  for (const auto& m : asynchronous::asynchronous_methods()) known(m, "asynchronous-methods");
  const auto error = [](auto work) -> std::string {
    try {
      work();
    } catch (const InputError& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK(error([] { describe("le-signdg"); }) ==
        "describe: nothing is called \"le-signdg\" (did you mean \"le-signgd\"?); `laconic list` shows all names");
  CHECK(error([] { list_names("method"); }).find("got \"method\" (did you mean \"methods\"?)") != std::string::npos);
}
