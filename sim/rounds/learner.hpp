#pragma once

#include <vector>

#include "algorithms/base/threads.hpp"
#include "algorithms/core/parts.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::rounds {

struct Collective;

/// One run's mathematics, in worker order, so that neither arrival order nor ties can reach it. The participants of a
/// round, which do not see each other, may compute on several threads.
class Learner {
 public:
  /// `collective`: what the plans are for, nullptr: the parameter server. `team`: nullptr: one thread.
  explicit Learner(Method& method, const Collective* collective = nullptr, ThreadTeam* team = nullptr);
  const RoundPlan& round(Round k);

  // The same in two halves, where deadlines decide what the server hears of. (parts.hpp, setup.hpp)

  /// An upload whose fate is known: it has arrived and counts, or it was lost or thrown away.
  struct Arrival {
    int m;
    Round sent;  ///< the round it was made in
    bool taken;
  };
  /// All but those who are `away` get the model and work. The plan has no verdict.
  const RoundPlan& begin(Round k, const std::vector<bool>& away);
  /// Uploads in worker order. The server steps, unless `step` is false.
  void end(Round k, const std::vector<Arrival>& arrivals, bool step);

  const Vector& model() const { return method_.server->model(); }

 private:
  void measure_sums(Round k);

  Method& method_;
  const Collective* collective_;
  ThreadTeam alone_, &team_;
  std::vector<int> present_;  // of the participants
  double flops_ = 0;          // of the workers in the last round
  RoundPlan plan_;
  std::vector<std::vector<Index>> entries_;  // of each upload, where sums grow
  std::vector<const Message*> uploads_;
};

}  // namespace laconic::rounds
