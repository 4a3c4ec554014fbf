#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "algorithms/core/crew.hpp"
#include "algorithms/core/parts.hpp"

namespace laconic {

/// What one round asks of processors and network: all that its duration depends on. The mathematics of a synchronous
/// method never sees the network, so a round's can be done before its time is known, or taken from a record.
struct RoundPlan {
  struct Share {
    int m;
    double flops;
    std::optional<std::uint64_t> upload_bits;  ///< nothing: silent
    bool operator==(const Share&) const = default;
  };
  double server_flops = 0;
  std::optional<std::uint64_t> broadcast_bits;  ///< of the model that the participants receive
  std::optional<std::uint64_t> verdict_bits;    ///< of what goes to all workers when the round has ended
  std::vector<Share> shares;                    ///< of the participants, ascending
  std::vector<int> absent;                      ///< who would take part, but was away (Learner::begin)
  SumCode sum;                                  ///< how uploads add up, where the collective adds them up on their way
  /// Of partial sums that grow, in the order in which the collective sends them. (Those of 0 bits are not sent.)
  std::vector<std::uint64_t> partial_bits;
  std::uint64_t measured_in = 0;  ///< Collective::arrangement of the one whose sums these are; 0: of none
  bool operator==(const RoundPlan&) const = default;
};

/// The plan of round k, valid until the next call. Rounds are asked for in their order, each once.
using PlanRound = std::function<const RoundPlan&(Round k)>;

struct Collective;

/// One run's mathematics, in worker order, so that neither arrival order nor ties can reach it. The participants of a
/// round, which do not see each other, may compute on several threads.
class Learner {
 public:
  /// `collective`: what the plans are for, nullptr: the parameter server. `crew`: nullptr: one thread.
  explicit Learner(Method& method, const Collective* collective = nullptr, Crew* crew = nullptr);
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
  Crew alone_, &crew_;
  std::vector<int> present_;  // of the participants
  double flops_ = 0;          // of the workers in the last round
  RoundPlan plan_;
  std::vector<std::vector<Index>> entries_;  // of each upload, where sums grow
  std::vector<const Message*> uploads_;
};

/// What the plan's duration depends on, packed; `order_bits` is what the participants receive first.
std::string timing_key(const RoundPlan& plan, std::optional<std::uint64_t> order_bits);

}  // namespace laconic
