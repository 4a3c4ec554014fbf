#include "sim/run/provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <xbt/base.h>
// after xbt/base.h, which it needs
#include <simgrid/version.h>

namespace laconic::run {

using namespace results;
using namespace scenario;

namespace {

using nlohmann::ordered_json;

std::string simgrid_version() {
  return fmt::format("{}.{}.{}", SIMGRID_VERSION_MAJOR, SIMGRID_VERSION_MINOR, SIMGRID_VERSION_PATCH);
}
std::string eigen_version() {
  return fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
}
#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

ordered_json versions() {
  return {
      {"laconic", LACONIC_VERSION}, {"simgrid", simgrid_version()}, {"eigen", eigen_version()}, {"compiler", compiler}};
}

ordered_json versions_of(const Problem& problem) {
  ordered_json out = versions();
  for (const auto& [name, version] : problem.libraries) out[name] = version;
  return out;
}

std::string written(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

ordered_json endings(const Scenario& s, const std::vector<std::optional<JobResult>>& results) {
  ordered_json out = ordered_json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    ordered_json entry{{"algorithm", s.algorithms[i].label}};
    if (results[i]) {
      entry["stopped_by"] = stop_names[static_cast<int>(results[i]->stop)];
      entry["rounds"] = results[i]->last.round;
      entry["wall_time_s"] = results[i]->wall_s;
    } else {
      entry["stopped_by"] = "failure";
    }
    out.push_back(entry);
  }
  return out;
}

}  // namespace

ordered_json formats() { return {{"json", 1}, {"csv", 1}}; }

std::string version_line() {
  return fmt::format("laconic {} (SimGrid {}, Eigen {}, {})", LACONIC_VERSION, simgrid_version(), eigen_version(),
                     compiler);
}

ordered_json run_json(const Scenario& s, const std::vector<std::optional<JobResult>>& results, const char* status,
                      std::chrono::system_clock::time_point started, double wall_s) {
  ordered_json out;
  out["formats"] = formats();
  out["status"] = status;
  out["file"] = s.file;
  out["seed"] = s.seed;
  out["scenario"] = s.source;
  out["versions"] = versions_of(s.problem);
  out["started"] = written(started);
  out["wall_time_s"] = wall_s;
  if (!s.data.stand_in.empty()) out["stand_in"] = s.data.stand_in;
  if (s.chosen) out["tuning"] = s.chosen->told;
  if (!s.data.digest.empty())
    out["data"] = {{"name", s.data.name},
                   {"samples", s.data.samples},
                   {"features", s.data.features},
                   {"stored_entries", s.data.stored},
                   {"test_samples", s.data.test_samples},
                   {"storage", s.data.sparse ? "sparse" : "dense"},
                   {"digest", s.data.digest}};
  ordered_json problem{{"d", s.problem.d}, {"M", s.problem.M()}};
  if (s.problem.smooth()) problem.update({{"L", s.problem.L}, {"L_m", s.problem.L_m}});
  if (s.problem.optimum) problem["optimum"] = *s.problem.optimum;
  if (!s.problem.no_optimum.empty()) problem["no_optimum"] = s.problem.no_optimum;
  out["problem"] = problem;
  if (s.coding_is_free()) out["coding"] = "encoding and decoding took no time";
  out["algorithms"] = endings(s, results);
  return out;
}

ordered_json replay_json(const nlohmann::json& told, const Scenario& s, const std::filesystem::path& folder,
                         const std::vector<std::optional<JobResult>>& results, const char* status,
                         std::chrono::system_clock::time_point started, double wall_s) {
  ordered_json out(told);
  out["formats"] = formats();
  out["status"] = status;
  out["replay_of"] = folder.string();
  out.erase("deployed");                                          // its times are simulated
  if (out.contains("tuning")) out["tuning"]["elsewhere"] = true;  // on the network of the run that is replayed
  out["scenario"] = s.source;
  out["versions"] = versions();
  for (const char* name : {"libtorch", "blas"})  // what was learned was computed by these
    if (told.contains("versions") && told["versions"].is_object() && told["versions"].contains(name))
      out["versions"][name] = told["versions"][name];
  out["started"] = written(started);
  out["wall_time_s"] = wall_s;
  out["algorithms"] = endings(s, results);
  return out;
}

}  // namespace laconic::run
