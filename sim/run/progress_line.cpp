#include "sim/run/progress_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::run {

using namespace scenario;

ProgressLine::ProgressLine(const Scenario& scenario, bool shown)
    : scenario_(scenario),
      shown_(shown),
      painted_(std::chrono::steady_clock::now()),
      began_(scenario.algorithms.size()) {}

void ProgressLine::show(const std::vector<JobState>& states) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i].running && began_[i].time_since_epoch().count() == 0) began_[i] = now;
  if (now - painted_ < std::chrono::milliseconds(150)) return;
  painted_ = now;
  const auto done = std::count_if(states.begin(), states.end(), [](const JobState& s) { return s.done; });
  std::string text = fmt::format("{}/{} done", done, states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    const JobState& state = states[i];
    if (!state.running || state.rounds == 0) continue;
    const double seconds = std::chrono::duration<double>(now - began_[i]).count();
    const double speed = static_cast<double>(state.rounds) / std::max(seconds, 1e-3);
    text += fmt::format(" | {} round {}/{}", printable(scenario_.algorithms[i].label), state.rounds,
                        scenario_.record.rounds);
    if (const auto& loss = state.last.metrics[0]) text += fmt::format(", loss {:.4g}", *loss);
    text += fmt::format(", {:.0f} rounds/s, at most {} left", speed,
                        human_time(static_cast<double>(scenario_.record.rounds - state.rounds) / speed));
  }
  winsize window{};
  const std::size_t columns =
      ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 10 ? window.ws_col - 1u : 100u;
  fmt::print(stderr, "\r\x1b[K{}", text.substr(0, columns));
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace laconic::run
