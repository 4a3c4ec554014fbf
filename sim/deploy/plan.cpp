#include "sim/deploy/plan.hpp"

#include "algorithms/base/digest.hpp"
#include "sim/scenario/named_files.hpp"

namespace laconic::deploy {

using namespace scenario;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts(const std::vector<fs::path>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths) out.push_back(fs::absolute(path).string());
  return out;
}

std::vector<fs::path> paths(const nlohmann::json& texts) {
  std::vector<fs::path> out;
  for (const auto& text : texts) out.emplace_back(text.get<std::string>());
  return out;
}

}  // namespace

nlohmann::json Plan::json() const {
  return {{"source", source},
          {"file", file},
          {"folder", fs::absolute(folder).string()},
          {"said", fs::absolute(said).string()},
          {"hello", fs::absolute(hello).string()},
          {"rows", texts(rows)},
          {"sections", texts(sections)},
          {"logs", texts(logs)},
          {"send_data", send_data}};
}

Plan Plan::of(const nlohmann::json& json) {
  const auto path = [&](const char* key) { return fs::path(json.at(key).get<std::string>()); };
  return {json.at("source"),
          json.at("file"),
          path("folder"),
          path("said"),
          path("hello"),
          paths(json.at("rows")),
          paths(json.at("sections")),
          paths(json.at("logs")),
          json.at("send_data")};
}

std::string digest_of_data(const Scenario& s, const fs::path& folder) {
  NamedFiles files(folder);
  return digest_of(s.data.digest + files.in(s.source["problem"]));
}

}  // namespace laconic::deploy
