#include "sim/run/summary_json.hpp"

#include "algorithms/base/json_text.hpp"
#include "sim/results/read_trajectory.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/told.hpp"

namespace laconic::run {

using namespace results;

std::string summary_json(const std::filesystem::path& folder) {
  std::error_code ignored;
  const bool swept =
      std::filesystem::exists(folder / "sweep.json", ignored) && !std::filesystem::exists(folder / "run.json", ignored);
  const nlohmann::json told = read_told(folder / (swept ? "sweep.json" : "run.json"));
  nlohmann::ordered_json out{{"formats", formats()},
                             {"folder", folder.string()},
                             {"scenario", told["scenario"].value("name", "")},
                             {"status", told.value("status", "")}};
  for (const char* key : {"stand_in", "tuning"})
    if (told.contains(key)) out[key] = told[key];
  out["summary"] = rows_of_table(folder / "summary.csv");
  return json_text(out);
}

}  // namespace laconic::run
