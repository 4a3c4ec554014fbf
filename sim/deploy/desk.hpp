#pragma once

#include "sim/deploy/serve.hpp"

namespace laconic::deploy {

/// What is common to all that rank 0 may be in an algorithm: its clock, its records, its rows.
class Desk {
 public:
  /// Has the ranks make ready, and looks at their clocks.
  explicit Desk(Served& served);
  /// Lets them go: the run's time begins.
  void start();
  /// Looks at their clocks once more.
  void end();

  void log(const Record& record);
  /// Puts a round on the run's record, if there is one.
  void on_record(const rounds::RoundPlan& plan);

  /// The run's time, s.
  double seconds() const { return seconds_at(now_ns()); }
  double seconds_at(std::int64_t ns) const { return begun_ ? clock_.seconds(ns) : 0; }
  /// A time by a rank's clock as this one's would show it, as far as is known yet.
  std::int64_t at_rank_0(int rank, std::int64_t ns) const { return clocks_.at_rank_0(rank, ns); }

  /// A measurement, during which the run stands still.
  template <class Measure>
  results::Measures aside(const Measure& measure) {
    const std::int64_t from = now_ns();
    const results::Measures out = measure();
    pause(from, now_ns());
    return out;
  }
  /// As AfterRound: has a row written, with what the wall's clock shows.
  bool after(const rounds::AfterRound& row, Round rounds, double time, const rounds::Ledger& ledger);

  Served& served() const { return served_; }

 private:
  void pause(std::int64_t from_ns, std::int64_t to_ns);
  void flush();

  Served& served_;
  Clocks clocks_;
  RunClock clock_;
  bool begun_ = false;
};

}  // namespace laconic::deploy
