#include "sim/commands/data_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"
#include "sim/commands/layer_table.hpp"

namespace laconic::commands {

using namespace scenario;

namespace {

constexpr std::size_t most_columns = 10;  // classes with a column of their own

std::string percent(Index part, Index whole) {
  return fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string overview(const DataFacts& data) {
  if (data.samples == 0) return data.name + '\n';
  std::string out = fmt::format("{}\n  {} samples x {} features, ", data.name, data.samples, data.features);
  if (data.sparse)
    out += fmt::format("sparse, {:.3g} % stored",
                       100 * static_cast<double>(data.stored) /
                           (static_cast<double>(data.samples) * static_cast<double>(data.features)));
  else
    out += "dense";
  if (data.test_samples > 0) out += fmt::format("; {} samples to test on", data.test_samples);
  out += '\n';
  if (data.classes.empty()) return out;
  out += fmt::format("  {} classes:", data.classes.size());
  for (std::size_t c = 0; c < data.classes.size(); ++c) {
    Index count = 0;
    for (const auto& share : data.shares) count += share.counts[c];
    if (c == most_columns) return out + " ...\n";
    out += fmt::format("{} {} ({})", c == 0 ? "" : ",", data.classes[c], percent(count, data.samples));
  }
  return out + '\n';
}

std::vector<std::string> label_columns(const DataFacts& data) {
  if (data.classes.empty()) return {"mean label"};
  if (data.classes.size() > most_columns) return {"classes", "largest class"};
  std::vector<std::string> out;
  for (const auto& name : data.classes) out.push_back("of " + name);
  return out;
}

std::vector<std::string> label_cells(const DataFacts& data, const WorkerShare& share) {
  if (data.classes.empty()) return {fmt::format("{:.4g}", share.mean_label)};
  std::vector<std::string> out;
  if (data.classes.size() > most_columns) {
    const auto largest = std::max_element(share.counts.begin(), share.counts.end());
    const auto present = std::count_if(share.counts.begin(), share.counts.end(), [](Index n) { return n > 0; });
    const auto& name = data.classes[static_cast<std::size_t>(largest - share.counts.begin())];
    return {fmt::format("{}", present), fmt::format("{} ({})", name, percent(*largest, share.samples))};
  }
  for (const Index n : share.counts) out.push_back(fmt::format("{}", n));
  return out;
}

struct Spread {
  std::vector<double> norms;  ///< ||grad f_m||
  double mean = 0, spread = 0;
};

Spread spread_at(const Problem& p, const Vector& theta) {
  std::vector<Vector> gradients;
  Vector mean = Vector::Zero(p.d);
  for (const auto& f_m : p.workers) {
    Vector& g = gradients.emplace_back(p.d);
    f_m->gradient(theta, Batch{{}, f_m->samples(), true}, g);
    mean += g / p.M();
  }
  Spread out;
  for (const auto& g : gradients) {
    out.norms.push_back(g.norm());
    out.spread += (g - mean).squaredNorm() / p.M();
  }
  out.spread = std::sqrt(out.spread);
  out.mean = mean.norm();
  return out;
}

}  // namespace

std::string data_report(const Scenario& s) {
  const Problem& p = s.problem;
  if (p.workload) {
    const double seconds = p.workload->seconds;
    return fmt::format(
        "no data: a workload of {}\n\n{}{}", fmt::format("{} worker{}", p.M(), p.M() == 1 ? "" : "s"), layer_table(p),
        seconds > 0
            ? fmt::format("a step takes {}, the forward pass {:.1f} % of it\n", time_words(seconds), 100 * p.forward)
            : "");
  }
  const bool at_optimum = p.minimiser.size() > 0;
  const Vector start = p.start.size() > 0 ? p.start : Vector::Zero(p.d);
  const Spread there = spread_at(p, at_optimum ? p.minimiser : start);

  std::vector<std::string> header{"worker", "samples"};
  const bool has_labels = !s.data.shares.empty();
  if (has_labels)
    for (auto& name : label_columns(s.data)) header.push_back(std::move(name));
  if (p.smooth()) header.push_back("L_m");
  header.push_back(at_optimum ? "||grad f_m|| at the optimum" : "||grad f_m|| at the start");
  std::vector<std::vector<std::string>> rows{header};
  for (std::size_t m = 0; m < p.workers.size(); ++m) {
    std::vector<std::string> row{fmt::format("{}", m), fmt::format("{}", p.workers[m]->samples())};
    if (has_labels)
      for (auto& cell : label_cells(s.data, s.data.shares[m])) row.push_back(std::move(cell));
    if (p.smooth()) row.push_back(fmt::format("{:.4g}", p.L_m[m]));
    row.push_back(fmt::format("{:.4g}", there.norms[m]));
    rows.push_back(std::move(row));
  }

  std::string out = printable(overview(s.data)) + '\n' + aligned(rows) + '\n';
  if (p.smooth()) out += fmt::format("L = {:.6g}, L_max = {:.6g}\n", p.L, p.L_max());
  if (p.optimum) out += fmt::format("min f = {:.10g}\n", *p.optimum);
  if (!p.no_optimum.empty()) out += fmt::format("{}\n", p.no_optimum);
  if (!at_optimum)
    return out +
           fmt::format("at the start the workers' gradients have a mean of norm {:.4g} and spread {:.4g} around it\n",
                       there.mean, there.spread);
  const Spread before = spread_at(p, start);
  double square = 0;
  for (const double norm : before.norms) square += norm * norm / p.M();
  return out + fmt::format(
                   "heterogeneity: at the optimum the workers' gradients spread by {:.4g} around their mean, {:.3g} of "
                   "their size at the start (0: all workers agree)\n",
                   there.spread, square > 0 ? there.spread / std::sqrt(square) : 0);
}

}  // namespace laconic::commands
