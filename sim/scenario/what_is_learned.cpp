#include "sim/scenario/what_is_learned.hpp"

#include "algorithms/base/digest.hpp"

namespace laconic::scenario {

using nlohmann::json;

bool time_decides(const json& source) {
  const json conditions = source.value("conditions", json::object());
  return source["stop"].contains("sim_time") || conditions.value("late", json("wait")).is_object();
}

json learning_part(json source) {
  for (const char* key : {"name", "comment", "$schema", "claims", "platform", "conditions", "sweep", "full"})
    source.erase(key);
  const json network = source.value("network", json::object());
  source.erase("network");
  source["wire"] = network.value("wire", "float32");
  return source;
}

std::string learned_digest(const nlohmann::json& source) {
  nlohmann::json part = learning_part(source);
  part.erase("record");
  part["stop"] = {{"rounds", source.at("stop").at("rounds")}};
  return digest_of(part.dump());
}

}  // namespace laconic::scenario
