#include "sim/tuning/tuned_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"
#include "sim/results/result_file.hpp"
#include "sim/results/table_file.hpp"
#include "sim/run/provenance.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;

namespace {

using nlohmann::json;

std::string tried_field(const json& value) {
  return value.is_number() ? value.dump() : csv_field(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string cost_field(const Tuning& tuning, double cost) {
  return fmt::format("{:.17g}", tuning.metric == "accuracy" ? -cost : cost);
}

// All that are tuned, of any algorithm.
std::vector<std::string> names_of(const Tuning& tuning) {
  std::vector<std::string> out;
  for (const TunedEntry& entry : tuning.entries)
    for (const TunedParameter& parameter : entry.parameters)
      if (std::find(out.begin(), out.end(), parameter.name) == out.end()) out.push_back(parameter.name);
  return out;
}

// The leading columns of a trial.
std::string trial_columns(const TunedEntry& entry, const Trial& trial, const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out += ',';
    for (std::size_t i = 0; i < entry.parameters.size(); ++i)
      if (entry.parameters[i].name == name) out += tried_field(trial.values[i]);
  }
  return out;
}

}  // namespace

void write_tuned_csv(const std::filesystem::path& folder, const std::string& scenario, const Trials& trials,
                     const Choices& choices) {
  const Tuning& tuning = trials.tuning();
  const auto names = names_of(tuning);
  TableFile out(folder, "tuned", TableFormat::csv);
  std::string header;
  for (const auto& [pointer, value] : trials.points().front().items()) header += pointer + ',';
  header += "scenario,algorithm,trial";
  for (const auto& name : names) header += ',' + csv_field(name);
  out.write(fmt::format("{},seed,{},median,chosen\n", header, tuning.metric));
  for (std::size_t p = 0; p < trials.points().size(); ++p) {
    std::string point;
    for (const auto& [pointer, value] : trials.points()[p].items()) point += tried_field(value) + ',';
    for (std::size_t k = 0; k < tuning.entries.size(); ++k) {
      const auto& all = choices.trials(p, k);
      for (std::size_t t = 0; t < all.size(); ++t)
        for (std::size_t s = 0; s < tuning.seeds.size(); ++s)
          out.write(fmt::format(
              "{}{},{},{}{},{},{},{},{}\n", point, csv_field(scenario), csv_field(tuning.entries[k].label), t + 1,
              trial_columns(tuning.entries[k], all[t], names), tuning.seeds[s], cost_field(tuning, all[t].runs[s].cost),
              cost_field(tuning, all[t].median()), t == choices.best(p, k) ? 1 : 0));
    }
  }
  out.commit();
}

void write_tuned_json(const std::filesystem::path& folder, const std::string& file, const nlohmann::ordered_json& told,
                      const json& scenario) {
  const nlohmann::ordered_json all{
      {"formats", run::formats()}, {"status", "complete"}, {"file", file}, {"scenario", scenario}, {"tuning", told}};
  ResultFile out(folder / "tuned.json");
  out.write(json_text(all, 2) + "\n");
  out.commit();
}

}  // namespace laconic::tuning
