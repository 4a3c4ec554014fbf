#include "sim/results/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic::results {

using namespace rounds;

namespace {

double gap_of(double loss, const Problem& problem) {
  const double gap = loss - problem.optimum.value();
  if (gap < -problem.optimum_rounding)
    throw RunError(
        fmt::format("a loss of {:.17g} is below min f = {:.17g}, which is a fault of Laconic's: loss_gap {:.3g} means "
                    "nothing (record other metrics, and please report it)",
                    loss, *problem.optimum, gap));
  return gap;
}

}  // namespace

Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model, ThreadTeam& team) {
  Measures out;
  if (problem.workload) return out;
  Vector gradient;
  const double loss = problem.loss(model, rules.needs(Metric::grad_norm) ? &gradient : nullptr, team);
  const auto set = [&](Metric metric, auto value) {
    if (rules.needs(metric)) out[static_cast<std::size_t>(metric)] = value();
  };
  // A loss may be finite though the model is not, where no sample has a part in what is infinite.
  out[static_cast<std::size_t>(Metric::loss)] = model.allFinite() ? loss : std::numeric_limits<double>::quiet_NaN();
  set(Metric::loss_gap, [&] { return gap_of(loss, problem); });
  set(Metric::grad_norm, [&] { return gradient.norm(); });
  set(Metric::accuracy, [&] { return problem.accuracy(model); });
  return out;
}

Recorder::Recorder(const RecordRules& rules, std::string prefix, std::FILE* csv, std::function<Measures(Round)> measure)
    : rules_(rules),
      prefix_(std::move(prefix)),
      csv_(csv),
      measure_(std::move(measure)),
      reached_(rules.watch.size()) {}

void Recorder::tell_staleness(const Staleness& before) {
  const Staleness& now = *last_.ledger.staleness;
  const auto stalest = std::exchange(stalest_, 0);
  if (now.uploads == before.uploads) return;
  last_.staleness_mean = static_cast<double>(now.sum - before.sum) / static_cast<double>(now.uploads - before.uploads);
  last_.staleness_max = stalest;
}

bool Recorder::operator()(Round rounds, double sim_time_s, const Ledger& ledger) {
  bool last = true;
  if (ledger.staleness) stalest_ = std::max(stalest_, ledger.staleness->latest);
  if (interrupted(rounds))
    stop_ = Stop::interrupted;
  else if (rounds >= rules_.rounds)
    stop_ = Stop::rounds;
  else if (rules_.sim_time && sim_time_s >= *rules_.sim_time)
    stop_ = Stop::sim_time;
  else if (rules_.upload_bits && static_cast<double>(ledger.upload_bits) >= *rules_.upload_bits)
    stop_ = Stop::upload_bits;
  else
    last = false;
  if (!last && rounds % rules_.every != 0) return true;

  const Measures measures = measure_(rounds);
  const auto alone = guard ? std::unique_lock(*guard) : std::unique_lock<std::mutex>();
  const auto before = last_.ledger.staleness.value_or(Staleness{});
  last_ = {rounds, ledger.iterations.value_or(rounds * local_steps), sim_time_s, measures, ledger};
  if (ledger.staleness) tell_staleness(before);
  any_ = true;
  for (std::size_t i = 0; i < rules_.watch.size(); ++i) {
    const Target& target = rules_.watch[i];
    if (reached_[i] || !target.reached(*last_.metrics[static_cast<std::size_t>(target.metric)])) continue;
    reached_[i] = last_;
    if (std::find(rules_.stop_at.begin(), rules_.stop_at.end(), target) != rules_.stop_at.end()) {
      stop_ = Stop::target;
      last = true;
    }
  }
  const auto lost = [](const auto& metric) { return metric && !std::isfinite(*metric); };
  if (std::any_of(last_.metrics.begin(), last_.metrics.end(), lost)) {
    stop_ = Stop::diverged;
    last = true;
  }
  for (int i = 0; i < metric_count; ++i)
    if (!rules_.needs(static_cast<Metric>(i))) last_.metrics[static_cast<std::size_t>(i)].reset();
  if (!csv_) return !last;
  const std::string line = prefix_ + row_text(last_) + '\n';
  if (std::fwrite(line.data(), 1, line.size(), csv_) != line.size() || (last && std::fflush(csv_) != 0))
    throw RunError(fmt::format("cannot write the trajectory: {}", std::strerror(errno)));
  return !last;
}

}  // namespace laconic::results
