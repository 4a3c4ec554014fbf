#include "sim/deploy/desk.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "algorithms/base/error.hpp"

namespace laconic::deploy {

using namespace rounds;

namespace {

[[noreturn]] void fail() { throw RunError(fmt::format("cannot write deploy.csv: {}", std::strerror(errno))); }

}  // namespace

Desk::Desk(Served& served) : served_(served), clocks_(served.ranks.count()) {
  served.ranks.begin(served.scenario, served.i);
  for (const Record& clock : served.ranks.clocks()) {
    clocks_.add(clock);
    log(clock);
  }
}

void Desk::start() {
  const std::int64_t now = now_ns();
  clock_.start(now);
  log({.what = Record::What::zero, .start_ns = now});
  begun_ = true;
  served_.ranks.start();
}

void Desk::end() {
  for (const Record& clock : served_.ranks.clocks()) log(clock);
  flush();
}

void Desk::log(const Record& record) {
  if (std::fwrite(&record, sizeof record, 1, served_.log) != 1) fail();
}

void Desk::flush() {
  if (std::fflush(served_.log) != 0) fail();
}

void Desk::on_record(const RoundPlan& plan) {
  if (!served_.extras.record) return;
  const std::lock_guard alone(served_.extras.unfinished->mutex);
  served_.extras.record->add_round(plan);
}

void Desk::pause(std::int64_t from_ns, std::int64_t to_ns) {
  if (!begun_) return;
  clock_.pause(from_ns, to_ns);
  log({.what = Record::What::pause, .start_ns = from_ns, .end_ns = to_ns});
}

bool Desk::after(const AfterRound& row, Round rounds, double time, const Ledger& ledger) {
  served_.rows.set_more(fmt::format(",{:.9f}", begun_ ? clock_.wall(now_ns()) : 0));
  const bool go_on = row(rounds, time, ledger);
  const std::lock_guard alone(served_.extras.unfinished->mutex);
  served_.rows.pass_on();
  flush();
  return go_on;
}

}  // namespace laconic::deploy
