#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "algorithms/base/error.hpp"
#include "sim/deploy/lifeline.hpp"
#include "sim/deploy/log.hpp"
#include "sim/deploy/rank.hpp"
#include "sim/deploy/ranks.hpp"
#include "sim/deploy/rows.hpp"
#include "sim/deploy/serve.hpp"
#include "sim/processes/interrupts.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/run/messages.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::deploy {

using namespace processes;
using namespace results;
using namespace run;
using namespace scenario;

namespace {

// Says how algorithms go, and end, to whoever gathers that, and ends this process when it must end in the middle.
class Teller {
 public:
  Teller(const Plan& plan, const Ranks& ranks)
      : ranks_(ranks), said_(open(plan.said.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)) {
    if (said_ < 0) throw RunError(fmt::format("{}: cannot write: {}", plan.said.string(), std::strerror(errno)));
  }

  // From here to end(), what is complete is in `unfinished`, and the rows are in `rows`.
  void begin(Unfinished& unfinished, Rows& rows, std::FILE* sections) {
    const std::lock_guard alone(own_);
    unfinished_ = &unfinished;
    rows_ = &rows;
    sections_ = sections;
  }
  void end() {
    const std::lock_guard alone(own_);
    unfinished_ = nullptr;
  }
  void progress(Round rounds, const Row& last) const { send_progress(said_, {rounds, last}); }
  void result(const JobResult& result) const { send_result(said_, result); }
  void error(const char* what) const { send_error(said_, what); }

  [[noreturn]] void lost(int rank) {
    save(fmt::format("{} was lost", ranks_.words(rank)));
    _exit(exit_failed);
  }
  [[noreturn]] void interrupted() {
    save({});
    _exit(exit_done);
  }

 private:
  // `why` is empty for an interrupt.
  void save(const std::string& why) {
    own_.lock();  // and it is not given back: nobody else says anything from now on
    if (unfinished_) {
      unfinished_->mutex.lock();
      rows_->pass_on();
      if (unfinished_->section) {
        const std::string text = unfinished_->section();
        std::fwrite(text.data(), 1, text.size(), sections_);
        std::fflush(sections_);
      }
      if (why.empty() && unfinished_->result) send_result(said_, unfinished_->result());
    }
    if (!why.empty()) send_error(said_, why);
  }

  const Ranks& ranks_;
  const int said_;
  std::mutex own_;
  Unfinished* unfinished_ = nullptr;
  Rows* rows_ = nullptr;
  std::FILE* sections_ = nullptr;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File opened(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "we"), &std::fclose);
  if (!file) throw RunError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
  return file;
}

JobResult run_one(const Plan& plan, const Scenario& s, std::size_t i, Ranks& ranks, Teller& teller) {
  const File file = opened(plan.rows[i]), sections = opened(plan.sections[i]), log = opened(plan.logs[i]);
  Unfinished unfinished;
  Rows rows(file.get());
  RecordedRun record{s.algorithms[i].label, learned_digest(s.source), static_cast<std::size_t>(s.problem.M()), {}};
  JobExtras extras{.unfinished = &unfinished};
  if (!is_asynchronous(s.algorithms[i])) {
    extras.record = &record.trace;
    unfinished.section = [&record] { return trace_section(record); };
  }
  teller.begin(unfinished, rows, sections.get());
  const auto report = [&](Round rounds, const Row& last) { teller.progress(rounds, last); };
  std::optional<JobResult> result;
  try {
    const Watch watch([&] { teller.interrupted(); });
    Served served{s, i, ranks, log.get(), rows, report, extras};
    result = serve(served);
  } catch (...) {
    teller.end();
    throw;
  }
  teller.end();
  if (!extras.record) return *result;
  const std::string section = trace_section(record);
  if (std::fwrite(section.data(), 1, section.size(), sections.get()) != section.size() ||
      std::fflush(sections.get()) != 0)
    throw RunError(fmt::format("cannot write the trace: {}", std::strerror(errno)));
  return *result;
}

void say(const Plan& plan, const nlohmann::ordered_json& hello) { std::ofstream(plan.hello) << hello.dump() << '\n'; }

}  // namespace

int be_rank_0(const Plan& plan, const Scenario& s) {
  const CountedInterrupts counted;
  const auto transport = open_transport();
  Ranks ranks(*transport, s.problem.M());
  try {
    Teller teller(plan, ranks);
    std::atomic<bool> all_done = false;
    say(plan, ranks.greet(plan, s, [&](int rank) {
      if (all_done) _exit(exit_done);
      teller.lost(rank);
    }));
    for (std::size_t i = 0; i < s.algorithms.size() && interrupts() == 0; ++i) {
      try {
        teller.result(run_one(plan, s, i, ranks, teller));
      } catch (const std::bad_alloc&) {
        teller.error("out of memory");
      } catch (const std::exception& e) {
        teller.error(e.what());
      }
      ranks.over(static_cast<int>(i));
    }
    all_done = true;
    ranks.part();
    transport->close();
  } catch (const InputError& e) {
    say(plan, {{"refused", e.what()}});
    ranks.part();  // nobody has begun: so all end in order, and mpirun's code is this one's
    transport->close();
    return 2;
  } catch (const std::exception& e) {
    say(plan, {{"failed", e.what()}});
    _exit(exit_failed);
  }
  return exit_done;
}

}  // namespace laconic::deploy
