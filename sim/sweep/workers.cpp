#include "sim/sweep/workers.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "algorithms/base/child_process.hpp"
#include "algorithms/base/human_units.hpp"
#include "algorithms/base/terminal.hpp"
#include "sim/processes/cores.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/sweep/group_work.hpp"

namespace laconic::sweep {

using namespace processes;
using namespace run;

namespace {

using Clock = std::chrono::steady_clock;

// What the processes said.
class Heard {
 public:
  explicit Heard(const SweepPlan& plan) : plan_(plan), is_done_(plan.runs()) {}

  SweepOutcome outcome;

  void note(const SweepReporter::News& news) {
    const std::size_t i = plan_.index(news.run);
    if (news.done && !is_done_[i]) ++outcome.done;
    if (news.done)
      is_done_[i] = true;
    else if (!is_done_[i])  // whoever tells of a death does not know what was done before
      outcome.failed[news.run] = news.why;
  }

 private:
  const SweepPlan& plan_;
  std::vector<bool> is_done_;
};

void show_progress(const SweepOutcome& outcome, std::size_t kept, std::size_t total, double seconds, const char* what) {
  const auto judged = static_cast<double>(outcome.done + outcome.failed.size());
  const double left = judged > 0 ? seconds / judged * (static_cast<double>(total - kept) - judged) : 0;
  fmt::print(stderr, "\r\x1b[K{}/{} {} done{}{}{}", kept + outcome.done, total, what,
             kept > 0 ? fmt::format(" ({} were there)", kept) : "",
             outcome.failed.empty() ? "" : fmt::format(", {} failed", outcome.failed.size()),
             judged > 0 ? fmt::format(", {} left", human_time(left)) : "");
  std::fflush(stderr);
}

// Listens until every process that could say something has ended.
SweepOutcome listen(ChildProcess& workers, const SweepPlan& plan, std::size_t total, bool show, const char* what) {
  Heard heard(plan);
  const auto start = Clock::now();
  auto painted = start;
  std::string buffer;
  std::optional<Clock::time_point> told;
  for (bool open = true; open;) {
    pollfd fd{workers.pipe(), POLLIN, 0};
    poll(&fd, 1, told ? 20 : 200);
    if (interrupts() > 0 && !told) {
      told = Clock::now();
      workers.signal(SIGTERM);
    }
    // It takes its own processes with it; what they have finished is kept.
    if (interrupts() > 1 || (told && Clock::now() - *told > std::chrono::milliseconds(400))) workers.signal(SIGKILL);
    open = workers.read_some(buffer);
    std::size_t at = 0;
    for (std::size_t end; (end = buffer.find('\n', at)) != std::string::npos; at = end + 1)
      heard.note(SweepReporter::read(buffer.substr(at, end - at)));
    buffer.erase(0, at);
    if (!show || Clock::now() - painted < std::chrono::milliseconds(150)) continue;
    painted = Clock::now();
    show_progress(heard.outcome, plan.kept(), total, std::chrono::duration<double>(painted - start).count(), what);
  }
  if (show) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }
  return std::move(heard.outcome);
}

}  // namespace

SweepOutcome work_and_listen(SweepPlan& plan, std::size_t total, const RunOptions& options, const char* what) {
  if (plan.kept() == total) return {};
  const std::size_t processes = Cores(options.jobs, options.threads).processes();
  plan.begin();
  ChildProcess workers([&](int pipe) {
    try {
      do_sweep(plan, SweepReporter(pipe), processes);
      return 0;
    } catch (const std::exception& e) {
      fmt::print(stderr, "{}: {}\n", plan.file(), e.what());
      return 3;
    }
  });
  const bool show =
      options.progress == Progress::always || (options.progress == Progress::automatic && can_repaint(STDERR_FILENO));
  SweepOutcome outcome = listen(workers, plan, total, show, what);
  workers.wait();
  for (const auto& [run, why] : outcome.failed) plan.keep_failure(run, why);
  plan.end();
  return outcome;
}

}  // namespace laconic::sweep
