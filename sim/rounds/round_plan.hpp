#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/core/types.hpp"
#include "algorithms/core/upload_sums.hpp"

namespace laconic::rounds {

/// What one round asks of processors and network: all that its duration depends on. The mathematics of a synchronous
/// method never sees the network, so a round's can be done before its time is known, or taken from a record.
///
/// A round is an exchange, messages down and uploads up, and for some methods further ones, each of which begins on an
/// idle network when the one before is over. Whoever times or counts an exchange need not know of the others.
struct RoundPlan {
  struct Share {
    int m;
    double flops;
    std::optional<std::uint64_t> upload_bits;  ///< nothing: the worker is silent
    bool operator==(const Share&) const = default;
  };
  double server_flops = 0;
  std::optional<std::uint64_t> broadcast_bits;  ///< the size of the model that the participants receive
  std::optional<std::uint64_t> vote_bits;       ///< the size of what goes to all workers after the round
  std::vector<Share> shares;                    ///< one for each participant, ascending
  std::vector<int> absent;                      ///< those who would take part, but were away (Learner::begin)
  SumCode sum;                                  ///< how uploads add up, where the collective adds them up on their way
  /// The sizes of partial sums that grow, in the order in which the collective sends them. (Those of 0 bits are not
  /// sent.)
  std::vector<std::uint64_t> partial_bits;
  std::uint64_t measured_in = 0;  ///< the Collective::arrangement whose sums these are; 0: there are none
  /// The parts in which uploads are known (Summation::parts), of which an overlap makes buckets; no duration depends on
  /// them.
  std::vector<UploadPart> parts;
  /// What of an upload travels on its own, as soon as it is known, in that order; empty: an upload travels as one
  /// message, when all is computed. The last one's is ready then. (overlap.hpp)
  std::vector<UploadPart> buckets;
  /// The exchanges that follow in the same round, in their order; they have none of their own. Each begins with its
  /// broadcast_bits.
  std::vector<RoundPlan> more;
  bool operator==(const RoundPlan&) const = default;

  /// How many bits of an upload of so many are in bucket b: exact where all entries take as many, or all uploads'
  /// parts.
  std::uint64_t bits_of_bucket(std::uint64_t upload_bits, std::size_t b) const;
  /// Calls send(ready, bits) for each message that a share's upload is, in order: `ready` is the share of the computing
  /// time after which it is known, and `bits` is nothing for the notice of a silent worker.
  template <class Send>
  void each_message(const Share& share, const Send& send) const {
    if (buckets.empty() || !share.upload_bits) return send(1.0, share.upload_bits);
    for (std::size_t b = 0; b < buckets.size(); ++b)
      send(buckets[b].ready, std::optional(bits_of_bucket(*share.upload_bits, b)));
  }
};

/// The plan of round k, valid until the next call. Rounds are asked for in their order, each once.
using PlanRound = std::function<const RoundPlan&(Round k)>;

/// Appends what of the duration depends on the plan's buckets.
void add_buckets(std::string& key, const RoundPlan& plan);

/// Packs what the duration of the plan's first exchange depends on into a string; `order_bits` is what the participants
/// receive first.
std::string timing_key(const RoundPlan& plan, std::optional<std::uint64_t> order_bits);

}  // namespace laconic::rounds
