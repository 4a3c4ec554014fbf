#include "sim/tuning/trials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/schema_check.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/sweep/sweep.hpp"
#include "sim/tuning/golden_section.hpp"

namespace laconic::tuning {

using namespace results;
using namespace scenario;
using namespace run;
using namespace sweep;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double infinity = std::numeric_limits<double>::infinity();

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double low = values[(values.size() - 1) / 2], high = values[values.size() / 2];
  return low == high ? low : low + (high - low) / 2;
}

// Less is better.
double oriented(const std::string& column, double x) {
  return std::isnan(x) ? infinity : column == metric_names[static_cast<int>(Metric::accuracy)] ? -x : x;
}

// "/algorithms/3/k" to 3 and "/k".
std::optional<std::pair<std::size_t, std::string>> entry_of(const std::string& pointer) {
  static const std::regex shape("/algorithms/([0-9]{1,9})(/.*)");
  std::smatch parts;
  if (!std::regex_match(pointer, parts, shape)) return {};
  return std::pair{static_cast<std::size_t>(std::stoul(parts[1])), parts[2].str()};
}

}  // namespace

double Trial::median() const {
  std::vector<double> costs;
  for (const TrialRun& run : runs) costs.push_back(run.cost);
  return median_of(std::move(costs));
}

std::size_t Trial::reached() const {
  return static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(), [](const TrialRun& run) { return std::isfinite(run.cost); }));
}

double Trial::median_rest() const {
  std::vector<double> rests;
  for (const TrialRun& run : runs) rests.push_back(run.rest);
  return median_of(std::move(rests));
}

bool Trial::better_than(const Trial& other) const {
  const double own = median(), others = other.median();
  if (own != others || std::isfinite(own)) return own < others;
  return std::pair(other.reached(), median_rest()) < std::pair(reached(), other.median_rest());
}

std::size_t best_of(const std::vector<Trial>& trials) {
  std::size_t best = 0;
  for (std::size_t t = 1; t < trials.size(); ++t)
    if (trials[t].better_than(trials[best])) best = t;
  return best;
}

Trials::Trials(const json& source, const fs::path& file, bool swept)
    : source_(source), file_(file), tuning_(read_tuning(source, file.string())) {
  if (swept) {
    const json first = with_first_values(source, tuning_);
    const Sweep all(first, file.string());
    std::set<json> seen;
    for (std::size_t n = 0; n < all.size(); ++n) {
      json values = all.values(n);
      values.erase("/seed");
      if (seen.insert(values).second) points_.push_back(std::move(values));
    }
  } else {
    points_.push_back(json::object());
  }
  for (std::size_t k = 0; k < tuning_.entries.size(); ++k)
    for (const auto& values : tuning_.entries[k].trials) first_.push_back({k, values});
  for (std::size_t p = 0; p < points_.size(); ++p) places_.push_back(p);
  check();
}

std::size_t Trials::runs() const { return first_.size() * points_.size() * tuning_.seeds.size(); }

// The scenario whose algorithms are the candidates, and which ends where what is compared is known.
json Trials::scenario_of(const std::vector<Candidate>& candidates) const {
  json out = untuned(source_);
  for (const char* key : {"sweep", "claims", "full", "paper", "comment", "$schema"}) out.erase(key);
  json algorithms = json::array();
  for (std::size_t j = 0; j < candidates.size(); ++j) {
    const TunedEntry& entry = tuning_.entries[candidates[j].entry];
    json one = out["algorithms"][entry.entry];
    put_values(one, entry.parameters, candidates[j].values);
    one["label"] = fmt::format("{}", j);
    algorithms.push_back(std::move(one));
  }
  out["algorithms"] = std::move(algorithms);
  std::set<std::string> measured{metric_names[static_cast<int>(Metric::loss)]};
  if (!is_cost(tuning_.metric)) measured.insert(tuning_.metric);
  for (const char* name : metric_names) out["stop"].erase(name);
  if (tuning_.to && tuning_.to->target) {
    out["stop"][tuning_.to->key] = tuning_.to->value;
    measured.insert(tuning_.to->key);
  }
  if (tuning_.to && tuning_.to->key == "rounds")
    out["stop"]["rounds"] = std::min(out["stop"]["rounds"].get<double>(), tuning_.to->value);
  const json every = out.value("record", json::object()).value("every", json(1));
  out["record"] = {{"every", every}, {"metrics", measured}};
  out["seed"] = tuning_.seeds.front();
  return out;
}

// What is swept at the point and concerns the candidates, by pointers into their scenario.
json Trials::swept_values(const std::vector<Candidate>& candidates, std::size_t point) const {
  json out = json::object();
  for (const auto& [pointer, value] : points_[point].items()) {
    if (const auto entry = entry_of(pointer)) {
      for (std::size_t j = 0; j < candidates.size(); ++j)
        if (tuning_.entries[candidates[j].entry].entry == entry->first)
          out[fmt::format("/algorithms/{}{}", j, entry->second)] = value;
    } else if (pointer == "/record") {
      out["/record/every"] = value.is_object() ? value.value("every", json(1)) : json(1);
    } else if (!pointer.starts_with("/algorithms") && !pointer.starts_with("/record/metrics")) {
      out[pointer] = value;
    }
  }
  return out;
}

// A sweep over the tuning seeds and those of the points that differ for the candidates.
struct Trials::Batch {
  json source;
  std::vector<json> changes;
  std::vector<std::size_t> place;  // of each point, among those that differ
  std::size_t different = 0;

  std::size_t at(std::size_t seed, std::size_t i) const { return seed * different + place[i]; }
};

Trials::Batch Trials::batch_of(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& points,
                               const std::vector<json>& changes) const {
  Batch out;
  out.source = scenario_of(candidates);
  std::map<std::pair<json, json>, std::size_t> known;
  json zip = json::object();
  std::vector<json> distinct;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const json values = swept_values(candidates, points[i]), change = changes.empty() ? json() : changes[i];
    const auto [found, fresh] = known.emplace(std::pair(values, change), known.size());
    out.place.push_back(found->second);
    if (!fresh) continue;
    for (const auto& [pointer, value] : values.items()) zip[pointer].push_back(value);
    if (!changes.empty()) distinct.push_back(change);
  }
  out.different = known.size();
  out.source["sweep"] = {{"/seed", tuning_.seeds}};
  if (!zip.empty()) out.source["sweep"]["zip"] = zip;
  for (std::size_t seed = 0; seed < tuning_.seeds.size(); ++seed)
    out.changes.insert(out.changes.end(), distinct.begin(), distinct.end());
  return out;
}

Trials::Batch Trials::first_batch() const { return batch_of(first_, places_, {}); }

sweep::OpenSweep Trials::first_sweep() const {
  const Batch batch = first_batch();
  return sweep::open_trials(batch.source, file_, batch.changes);
}

std::string Trials::digest() const {
  const Batch batch = first_batch();
  return SweepPlan(batch.source, file_, batch.changes).digest();
}

void Trials::check() const {
  const std::string file = file_.string();
  try {
    const Batch batch = first_batch();
    json alone = batch.source;
    alone.erase("sweep");
    check_schema(alone, file);
    const SweepPlan plan(batch.source, file_);
    const bool of_loss = tuning_.to && tuning_.to->target == Metric::loss;
    const Scenario any = make_scenario(plan.sweep().source(0), file, file_.parent_path(), of_loss);
    if (of_loss && any.problem.optimum && tuning_.to->value < *any.problem.optimum)
      throw InputError(fmt::format("{}: {}: no model reaches {:g}: the least loss is {:.6g}", file, tuning_.to_pointer,
                                   tuning_.to->value, *any.problem.optimum));
  } catch (const InputError& e) {
    throw InputError(explained(e.what()));
  }
}

// Mistakes of the candidates' scenario, told where the values stand that were given; one for each place.
std::string Trials::explained(const std::string& mistakes) const {
  static const std::regex shape("(.*: )/algorithms/([0-9]{1,9})((?:/[^:]*)?): (.*)");
  static const std::regex unknown("\"([^\"]*)\" means nothing .*|unknown key \"([^\"]*)\".*");
  std::string out;
  std::set<std::string> told;
  std::istringstream lines(mistakes);
  for (std::string line; std::getline(lines, line);) {
    std::string place = line;
    std::smatch parts, key;
    if (std::regex_match(line, parts, shape) && std::stoul(parts[2]) < first_.size()) {
      const TunedEntry& entry = tuning_.entries[first_[std::stoul(parts[2])].entry];
      const std::string rest = parts[4];
      std::string name = parts[3].str().empty() ? "" : parts[3].str().substr(1);
      if (std::regex_match(rest, key, unknown))
        name += (name.empty() ? "" : "/") + (key[1].matched ? key[1].str() : key[2].str());
      std::string pointer = fmt::format("/algorithms/{}{}", entry.entry, parts[3].str());
      for (const TunedParameter& parameter : entry.parameters)
        if (name == parameter.name || name.starts_with(parameter.name + '/'))
          pointer = parameter.pointer + name.substr(parameter.name.size());
      place = fmt::format("{}{}", parts[1].str(), pointer);
      line = fmt::format("{}: {}", place, rest);
    }
    if (told.insert(place).second) out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

TrialRun Trials::outcome_of(const std::string& rows) const {
  const Results results = results_of(rows, "a trial");
  const Curve& curve = results.curves.front();
  const Known found = value_at(tuning_.metric, tuning_.to, results, curve);
  TrialRun out;
  out.cost = found.exact() ? oriented(tuning_.metric, found.low) : infinity;
  const std::string rest = tuning_.to && tuning_.to->target ? tuning_.to->column : tuning_.metric;
  out.rest = curve.diverged ? infinity : oriented(rest, curve.rows.back()[results.column(rest)]);
  return out;
}

// `changes`: of each point, as Sweep's; empty: none. Adds a trial of each candidate at each point. `options`: null
// where nothing is to be run.
bool Trials::run_batch(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& points,
                       const std::vector<json>& changes, const fs::path& folder, const RunOptions* options,
                       Tried& tried) const {
  const Batch batch = batch_of(candidates, points, changes);
  SweepPlan plan(batch.source, file_, batch.changes);
  plan.keep_in(folder);
  if (!options && plan.kept() < plan.runs()) return false;
  if (options) {
    const Worked worked = work_through(plan, *options, "trials");
    if (worked.done < plan.runs()) {
      fmt::print(options->quiet ? stderr : stdout, "{} of {} trials are done; the same command goes on from there\n",
                 worked.done, plan.runs());
      return false;
    }
    plan.look();
  }
  const std::string header = plan.columns() + '\n';
  std::string line;
  TablePiece rows;
  std::map<std::pair<std::size_t, std::size_t>, TrialRun> known;  // points that are alike share their runs
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = 0; j < candidates.size(); ++j) {
      Trial trial{candidates[j].values, {}};
      for (std::size_t seed = 0; seed < tuning_.seeds.size(); ++seed) {
        const RunName run{batch.at(seed, i), j};
        const auto [found, fresh] = known.emplace(std::pair(run.point, j), TrialRun{});
        if (fresh) {
          if (!plan.read_run(run, line, rows)) throw RunError(folder.string() + ": a trial that was there is gone");
          found->second = outcome_of(header + rows.stored);
        }
        trial.runs.push_back(found->second);
      }
      tried[points[i]][candidates[j].entry].push_back(std::move(trial));
    }
  return true;
}

// One entry's further trials, whose values differ from point to point.
bool Trials::refine(std::size_t k, const fs::path& folder, const RunOptions* options, Tried& tried) const {
  const TunedEntry& entry = tuning_.entries[k];
  std::vector<GoldenSection> searches;
  for (std::size_t p = 0; p < points_.size(); ++p) searches.emplace_back(entry, tried[p][k]);
  for (std::size_t step = 0; step < entry.refine; ++step) {
    std::vector<std::size_t> points;
    std::vector<json> changes;
    std::vector<std::vector<json>> values;
    for (std::size_t p = 0; p < points_.size(); ++p) {
      auto proposed = searches[p].propose(tried[p][k]);
      if (!proposed) continue;
      json one = untuned(source_)["algorithms"][entry.entry];
      for (const auto& [pointer, value] : points_[p].items())
        if (const auto own = entry_of(pointer); own && own->first == entry.entry)
          one[json::json_pointer(own->second)] = value;
      put_values(one, entry.parameters, *proposed);
      one["label"] = "0";
      points.push_back(p);
      changes.push_back({{"/algorithms/0", one}});
      values.push_back(std::move(*proposed));
    }
    if (points.empty()) return true;
    if (!run_batch({{k, entry.trials.front()}}, points, changes, folder, options, tried)) return false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      tried[points[i]][k].back().values = values[i];
      searches[points[i]].learn(tried[points[i]][k]);
    }
  }
  return true;
}

std::optional<Tried> Trials::run(const fs::path& folder, const RunOptions& options) const {
  return all(folder, &options);
}

std::optional<Tried> Trials::found(const fs::path& folder) const {
  if (!fs::is_directory(folder)) return {};
  return all(folder, nullptr);
}

std::optional<Tried> Trials::all(const fs::path& folder, const RunOptions* options) const {
  Tried tried(points_.size(), std::vector<std::vector<Trial>>(tuning_.entries.size()));
  if (!run_batch(first_, places_, {}, folder, options, tried)) return {};
  for (std::size_t k = 0; k < tuning_.entries.size(); ++k)
    if (!refine(k, folder, options, tried)) return {};
  return tried;
}

}  // namespace laconic::tuning
