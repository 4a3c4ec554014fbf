#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "algorithms/base/text.hpp"
#include "sim/results/answers.hpp"

namespace laconic::results {
namespace {

namespace fs = std::filesystem;
using Best = std::vector<std::pair<std::string, double>>;

constexpr double not_reached = std::numeric_limits<double>::infinity();

double number_or_nan(const std::string& field) {
  if (field.empty()) return std::nan("");
  const char* at = field.data();
  double x = 0;
  const NumberFault fault = read_number(at, field.data() + field.size(), x);
  return fault == NumberFault::none && at == field.data() + field.size() ? x : std::nan("");
}

// A target that summary.csv reports, as its columns to_<metric>_<value>_<cost> are named.
struct Watched {
  std::string metric, value;
  bool operator==(const Watched&) const = default;
};

std::vector<Watched> watched_in(const std::vector<std::string>& names) {
  std::vector<Watched> out;
  for (const std::string& name : names) {
    if (!name.starts_with("to_") || !name.ends_with("_round")) continue;
    const std::string middle = name.substr(3, name.size() - 9);
    const auto cut = middle.rfind('_');
    if (cut == std::string::npos || cut == 0) continue;
    const Watched target{middle.substr(0, cut), middle.substr(cut + 1)};
    if (!std::isnan(number_or_nan(target.value)) && std::find(out.begin(), out.end(), target) == out.end())
      out.push_back(target);
  }
  return out;
}

struct Summary {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  std::size_t at(const std::string& name) const {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }
  bool has_values(const std::string& name) const {
    const std::size_t place = at(name);
    return place < names.size() &&
           std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return !row[place].empty(); });
  }
};

// Only what answers are made of: a large sweep's summary has many columns beside.
bool is_asked_for(const std::string& name) {
  return name.starts_with('/') || name == "algorithm" || name == "seed" || name == "sim_time_s" ||
         (name.starts_with("to_") && (name.ends_with("_round") || name.ends_with("_sim_time_s")));
}

Summary summary_in(const fs::path& folder) {
  Summary out;
  std::error_code ignored;
  if (!fs::exists(folder / "summary.csv", ignored)) return out;
  std::vector<std::size_t> kept;
  each_row(folder / "summary.csv", [&](const auto& names, const auto& fields) {
    if (out.names.empty())
      for (std::size_t i = 0; i < names.size(); ++i)
        if (is_asked_for(names[i])) {
          kept.push_back(i);
          out.names.push_back(names[i]);
        }
    auto& row = out.rows.emplace_back();
    for (const std::size_t i : kept) row.push_back(fields[i]);
  });
  return out;
}

void keep_best(Best& best, const std::string& algorithm, double value, bool rising) {
  if (!std::isfinite(value)) return;
  const auto own = std::find_if(best.begin(), best.end(), [&](const auto& pair) { return pair.first == algorithm; });
  if (own == best.end())
    best.emplace_back(algorithm, value);
  else
    own->second = rising ? std::max(own->second, value) : std::min(own->second, value);
}

// Over all rows of the trajectory.
Best best_in(const fs::path& folder, const std::string& metric) {
  Best out;
  std::error_code ignored;
  const bool packed = !fs::exists(folder / "trajectory.csv", ignored);
  const bool rising = metric.find("accuracy") != std::string::npos;
  std::size_t algorithm = 0, value = 0;
  each_row(folder / (packed ? "trajectory.csv.gz" : "trajectory.csv"), [&](const auto& names, const auto& fields) {
    if (algorithm == 0) {
      algorithm = static_cast<std::size_t>(std::find(names.begin(), names.end(), "algorithm") - names.begin());
      value = static_cast<std::size_t>(std::find(names.begin(), names.end(), metric) - names.begin());
    }
    if (algorithm < fields.size() && value < fields.size())
      keep_best(out, text_of_csv(fields[algorithm]), number_or_nan(fields[value]), rising);
  });
  return out;
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Raced raced_in(const Summary& summary, const Watched& target, const std::string& cost) {
  Raced out{target.metric, number_or_nan(target.value), cost, {}, {}, {}};
  std::vector<std::size_t> swept;
  for (std::size_t i = 0; i < summary.names.size(); ++i)
    if (summary.names[i].starts_with('/') && summary.names[i] != "/seed") {
      swept.push_back(i);
      out.pointers.push_back(summary.names[i]);
    }
  const std::size_t algorithm = summary.at("algorithm"), seed = summary.at("seed"),
                    paid = summary.at("to_" + target.metric + '_' + target.value + '_' + cost);
  for (const auto& row : summary.rows) {
    Raced::Run run;
    for (const std::size_t i : swept) run.point.push_back(text_of_csv(row[i]));
    run.algorithm = text_of_csv(row[algorithm]);
    run.seed = std::stoull(row[seed]);
    const double x = paid < row.size() ? number_or_nan(row[paid]) : std::nan("");
    run.cost = std::isnan(x) ? not_reached : x;
    out.runs.push_back(std::move(run));
  }
  return out;
}

}  // namespace

std::vector<std::string> answers_of(const fs::path& folder) {
  const Summary summary = summary_in(folder);
  const std::string cost = summary.has_values("sim_time_s") ? "sim_time_s" : "round";
  std::vector<std::string> out;
  for (const Watched& target : watched_in(summary.names)) {
    Raced raced = raced_in(summary, target, cost);
    raced.best = [&] { return best_in(folder, target.metric); };
    append(out, answers(raced));
  }
  return out;
}

std::vector<std::string> answers_of(const fs::path& folder, const Results& results,
                                    const std::vector<std::pair<std::string, double>>& others) {
  std::vector<std::pair<std::string, double>> targets;
  for (const Watched& target : watched_in(summary_in(folder).names))
    targets.emplace_back(target.metric, number_or_nan(target.value));
  if (targets.empty()) targets = others;
  const auto timed = std::find(results.columns.begin(), results.columns.end(), "sim_time_s");
  const auto place = static_cast<std::size_t>(timed - results.columns.begin());
  const bool has_times = timed != results.columns.end() &&
                         std::any_of(results.curves.begin(), results.curves.end(),
                                     [&](const Curve& curve) { return !std::isnan(curve.rows.back()[place]); });
  std::vector<std::string> out;
  for (const auto& [metric, value] : targets) {
    const std::size_t column = results.column(metric), cost = results.column(has_times ? "sim_time_s" : "round");
    const bool rising = metric.find("accuracy") != std::string::npos;
    Raced raced{metric, value, has_times ? "sim_time_s" : "round", results.swept, {}, {}};
    Best best;
    for (const Curve& curve : results.curves) {
      Raced::Run run{curve.point, curve.algorithm, curve.seed, not_reached};
      for (const auto& row : curve.rows) {
        keep_best(best, curve.algorithm, row[column], rising);
        const bool there = rising ? row[column] >= value : row[column] <= value;
        if (there && std::isinf(run.cost)) run.cost = row[cost];
      }
      raced.runs.push_back(std::move(run));
    }
    raced.best = [&] { return best; };
    append(out, answers(raced));
  }
  return out;
}

}  // namespace laconic::results
