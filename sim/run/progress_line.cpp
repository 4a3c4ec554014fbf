#include "sim/run/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/terminal.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::run {

using namespace scenario;

ProgressLine::ProgressLine(const Scenario& scenario, bool shown)
    : scenario_(scenario),
      shown_(shown),
      dumb_(isatty(STDERR_FILENO) && !can_repaint(STDERR_FILENO)),
      painted_(std::chrono::steady_clock::now()),
      began_(scenario.algorithms.size()) {}

void ProgressLine::show(const std::vector<JobState>& states) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i].running && began_[i].time_since_epoch().count() == 0) began_[i] = now;
  if (now - painted_ < std::chrono::milliseconds(150)) return;
  painted_ = now;
  const std::string words = progress_words(scenario_, states, began_, now, width());
  if (dumb_)
    fmt::print(stderr, "{}\n", words);
  else
    fmt::print(stderr, "\r\x1b[K{}", words);
  std::fflush(stderr);
}

std::size_t ProgressLine::width() {
  const std::size_t columns = terminal_columns(STDERR_FILENO);
  return columns > 10 ? columns - 1 : 100;
}

void ProgressLine::clear() {
  if (!shown_ || dumb_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

std::string progress_words(const Scenario& scenario, const std::vector<JobState>& states,
                           const std::vector<std::chrono::steady_clock::time_point>& began,
                           std::chrono::steady_clock::time_point now, std::size_t width) {
  const auto done = std::count_if(states.begin(), states.end(), [](const JobState& s) { return s.done; });
  std::vector<std::string> parts{fmt::format("{}/{} done", done, states.size())};
  for (std::size_t i = 0; i < states.size(); ++i) {
    const JobState& state = states[i];
    if (!state.running || state.rounds == 0) continue;
    const double seconds = std::chrono::duration<double>(now - began[i]).count();
    const double speed = static_cast<double>(state.rounds) / std::max(seconds, 1e-3);
    parts.push_back(fmt::format(" | {} round {}/{}", printable(scenario.algorithms[i].label), state.rounds,
                                scenario.record.rounds));
    if (const auto& loss = state.last.metrics[0])
      parts.push_back(std::isnan(*loss) ? ", loss nan" : fmt::format(", loss {:.4g}", *loss));
    parts.push_back(fmt::format(", {:.0f} rounds/s", speed));
    parts.push_back(fmt::format(", at most {} left",
                                human_time(static_cast<double>(scenario.record.rounds - state.rounds) / speed)));
  }
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t rest = i + 1 < parts.size() ? 4 : 0;  // " ..."
    if (text_width(out) + text_width(parts[i]) + rest > width && i > 0) return out + " ...";
    out += parts[i];
  }
  return out;
}

}  // namespace laconic::run
