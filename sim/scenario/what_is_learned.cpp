#include "sim/scenario/what_is_learned.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/json_text.hpp"
#include "sim/scenario/read_algorithms.hpp"

namespace laconic::scenario {

using nlohmann::json;

namespace {

// Works on what has not passed the schema, too.
json learned_part(const json& source) {
  json part = learning_part(source);
  part.erase("record");
  if (part.contains("stop") && part["stop"].is_object())
    part["stop"] = {{"rounds", part["stop"].value("rounds", json())}};
  return part;
}

}  // namespace

std::optional<std::string> first_deadline(const json& source) {
  const auto decides = [](const json& block) { return block.value("late", json("wait")).is_object(); };
  const json algorithms = source.value("algorithms", json::array());
  for (std::size_t i = 0; i < algorithms.size(); ++i)
    if (algorithms[i].is_object() && decides(algorithms[i])) return fmt::format("/algorithms/{}/late", i);
  const bool used = std::any_of(algorithms.begin(), algorithms.end(),
                                [](const json& entry) { return !entry.is_object() || !entry.contains("late"); });
  if (used && decides(source.value("conditions", json::object()))) return "/conditions/late";
  return {};
}

std::optional<std::string> first_asynchronous(const json& source) {
  const json algorithms = source.value("algorithms", json::array());
  for (std::size_t i = 0; i < algorithms.size(); ++i)
    if (algorithms[i].is_object() && algorithms[i].value("method", json()).is_string() &&
        is_asynchronous(algorithms[i]["method"].get<std::string>()))
      return "/algorithms/" + std::to_string(i);
  return {};
}

bool racks_decide(const json& source) {
  const auto of_racks = [](const json& block) {
    if (!block.is_object() || !block.contains("graph")) return false;
    const json& graph = block["graph"];
    return (graph.is_object() ? graph.value("type", json()) : graph) == "hierarchical";
  };
  const json algorithms = source.value("algorithms", json::array());
  return of_racks(source) || std::any_of(algorithms.begin(), algorithms.end(), of_racks);
}

bool speeds_decide(const json& source) {
  const auto codecs_take_seconds = [](const json& block) {
    if (!block.is_object() || !block.contains("codecs") || !block["codecs"].is_object()) return false;
    return std::any_of(block["codecs"].begin(), block["codecs"].end(), [](const json& codec) {
      return codec.is_object() && (codec.contains("encode") || codec.contains("decode"));
    });
  };
  const json algorithms = source.value("algorithms", json::array());
  if (codecs_take_seconds(source) || std::any_of(algorithms.begin(), algorithms.end(), codecs_take_seconds))
    return true;
  const json problem = source.value("problem", json::object());
  if (!problem.is_object() || problem.value("type", json()) != "workload") return false;
  const json layers = problem.value("layers", json::array());
  return problem.contains("step_time") || std::any_of(layers.begin(), layers.end(), [](const json& layer) {
           return layer.is_object() && layer.contains("seconds");
         });
}

bool has_collective(const json& source) {
  const auto named = [](const json& block) { return block.is_object() && block.contains("collective"); };
  const json algorithms = source.value("algorithms", json::array());
  return named(source) || std::any_of(algorithms.begin(), algorithms.end(), named);
}

bool time_decides(const json& source) {
  const bool actors = source.value("network", json::object()).value("solver", "auto") == "actors";
  return actors || source["stop"].contains("sim_time") || first_deadline(source) || first_asynchronous(source) ||
         racks_decide(source) || speeds_decide(source);
}

json learning_part(json source) {
  for (const char* key : {"name", "comment", "$schema", "claims", "paper", "conditions", "execution", "sweep", "full"})
    source.erase(key);
  if (!racks_decide(source) && !speeds_decide(source)) source.erase("platform");
  const json network = source.value("network", json::object());
  source.erase("network");
  source["wire"] = network.value("wire", "float32");
  return source;
}

std::string learned_digest(const json& source) { return digest_of(json_text(learned_part(source))); }

std::optional<std::string> learned_difference(const json& before, const json& after) {
  const json difference = json::diff(learned_part(before), learned_part(after));
  if (difference.empty()) return {};
  const std::string pointer = difference[0]["path"];
  return pointer == "/wire" ? "/network/wire" : pointer.empty() ? "/" : pointer;
}

}  // namespace laconic::scenario
