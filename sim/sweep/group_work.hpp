#pragma once

#include "sim/sweep/sweep_plan.hpp"

namespace laconic::sweep {

/// A line each to whoever listens at the other end of a pipe, short enough to be written in one piece by many at once.
class SweepReporter {
 public:
  explicit SweepReporter(int pipe) : pipe_(pipe) {}
  void done(const RunName& run) const;
  void failed(const RunName& run, std::string why) const;

  struct News {
    RunName run;
    bool done;
    std::string why;
  };
  /// What a line says.
  static News read(const std::string& line);

 private:
  void say(const std::string& line) const;
  int pipe_;
};

/// Does all of the plan that is not done, in so many processes at a time, and reports every run that ends. Returns
/// early after an interrupt.
void do_sweep(const SweepPlan& plan, const SweepReporter& reporter, std::size_t processes);

}  // namespace laconic::sweep
