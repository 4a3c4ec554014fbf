#pragma once

#include <vector>

#include "algorithms/base/threads.hpp"
#include "algorithms/core/endpoints.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::rounds {

struct Collective;

/// One run's mathematics, in worker order, so that neither arrival order nor ties can reach it. The participants of a
/// round, which do not see each other, may compute on several threads.
class Learner {
 public:
  /// The plans are for this collective, or the parameter server if it is nullptr. Without a team one thread learns.
  explicit Learner(Method& method, const Collective* collective = nullptr, ThreadTeam* team = nullptr);
  const RoundPlan& round(Round k);

  // A round in two halves, where deadlines decide what the server hears of. (algorithms/core/endpoints.hpp)

  /// An upload whose fate is known: it has arrived and counts, or it was lost or thrown away.
  struct Arrival {
    int m;       ///< whose it is
    Round sent;  ///< the round it was made in
    bool taken;
  };
  /// All but those who are `away` get the model and work. The plan has no verdict.
  const RoundPlan& begin(Round k, const std::vector<bool>& away);
  /// The server hears of these uploads, which are in worker order, and steps unless `step` is false.
  void end(Round k, const std::vector<Arrival>& arrivals, bool step);

  const Vector& model() const { return method_.server->model(); }

 private:
  void receive(Round k, const RoundPlan& exchange);
  void learn_exchange(Round k, const Message& down, RoundPlan& exchange);
  void measure_sums(Round k);

  Method& method_;
  const Collective* collective_;
  ThreadTeam alone_, &team_;
  std::vector<int> present_;  // the participants who are not away
  double flops_ = 0;          // what the workers computed in the last round
  RoundPlan plan_;
  std::vector<std::vector<Index>> entries_;  // which entries each upload fills; needed where sums grow
  std::vector<const Message*> uploads_;
};

}  // namespace laconic::rounds
