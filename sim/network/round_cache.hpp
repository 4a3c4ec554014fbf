#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/network/equal_workers.hpp"
#include "sim/network/timeline/timeline.hpp"
#include "sim/rounds/ledger.hpp"

namespace laconic::network {

/// What one round cost that started on an idle network.
struct RoundCost {
  double seconds = 0;
  double joules = 0;                                ///< 0 where energy is not metered
  rounds::Traffic traffic = {};                     ///< 0 where it is not watched
  std::shared_ptr<const Recording> recording = {};  ///< nullptr where the timeline does not want it
};

/// Finds what round k costs, which begins with messages of `order_bits` to its participants.
using MeasureRound =
    std::function<RoundCost(Round k, const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits)>;

/// A recorded round in which `to[i]` did what `from[i]` was recorded doing.
using ExchangeWorkers = std::function<std::shared_ptr<const Recording>(
    const std::shared_ptr<const Recording>& recording, const std::vector<int>& from, const std::vector<int>& to)>;

/// Decorates a MeasureRound: what it found is remembered, for as many rounds as 64 MB of keys can name. For clusters on
/// which equal rounds cost the same. Where it knows which workers are equal, rounds in which equal workers have
/// exchanged their parts are equal, too, and a remembered recording is told of those who take part now.
class RoundCache {
 public:
  /// `equal_workers`: nothing, if only identical rounds are equal. `exchange` is needed if there are recordings.
  explicit RoundCache(MeasureRound measure, std::optional<EqualWorkers> equal_workers = {},
                      ExchangeWorkers exchange = {});

  RoundCost operator()(Round k, const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits);

 private:
  struct Known {
    RoundCost cost;
    std::vector<int> workers;  // who took part, in the order of EqualWorkers::key; empty without a recording
  };

  std::vector<int> in_order_of_key(const rounds::RoundPlan& plan) const;

  MeasureRound measure_;
  std::optional<EqualWorkers> equal_workers_;
  ExchangeWorkers exchange_;
  std::unordered_map<std::string, Known> known_;
  std::size_t room_ = std::size_t{64} << 20;  // bytes left for keys
  std::vector<std::size_t> order_;            // the positions of the present plan's shares in its key's order
};

}  // namespace laconic::network
