#include "sim/tuning/judged.hpp"

#include <fmt/format.h>

#include <map>

#include "sim/scenario/read_algorithms.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/scenario/sweep_points.hpp"

namespace laconic::tuning {

using namespace scenario;

namespace fs = std::filesystem;
using nlohmann::json;

json read_tuned(const fs::path& file, const ScenarioOptions& options) {
  json source = read_source(file, options);
  check_schema(source, file.string());
  check_claim_points(source, file.string());
  check_shared_blocks(source, file.string());
  return source;
}

Scenario judged_at_first(const json& source, const Trials& trials, const fs::path& file, bool swept) {
  json judged = with_first_values(source, trials.tuning());
  if (swept) judged = Sweep(judged, file.string()).source(0);
  return make_scenario(judged, file.string(), file.parent_path());
}

json chosen_source(const json& source, const Trials& trials, const Choices& choices) {
  json out = untuned(source);
  for (std::size_t k = 0; k < trials.tuning().entries.size(); ++k)
    choices.put(out["algorithms"][trials.tuning().entries[k].entry], 0, k);
  return out;
}

sweep::ChosenPoints chosen_points(const json& source, const fs::path& file, const Trials& trials,
                                  const Choices& choices) {
  sweep::ChosenPoints out{with_first_values(source, trials.tuning()), {}, choices.told(source), choices.lines()};
  out.told["digest"] = trials.digest();
  std::map<json, std::size_t> places;
  for (std::size_t p = 0; p < trials.points().size(); ++p) places[trials.points()[p]] = p;
  const Sweep all(out.swept, file.string());
  for (std::size_t n = 0; n < all.size(); ++n) {
    json values = all.values(n);
    values.erase("/seed");
    const std::size_t p = places.at(values);
    const json at = all.source(n);
    json& change = out.changes.emplace_back(json::object());
    for (std::size_t k = 0; k < trials.tuning().entries.size(); ++k) {
      const std::size_t i = trials.tuning().entries[k].entry;
      json entry = at["algorithms"][i];
      choices.put(entry, p, k);
      change[fmt::format("/algorithms/{}", i)] = std::move(entry);
    }
  }
  return out;
}

}  // namespace laconic::tuning
