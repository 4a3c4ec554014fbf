#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platforms/as_star.hpp"
#include "platforms/platform.hpp"
#include "platforms/simgrid_compat.hpp"
#include "sim/rounds.hpp"
#include "sim/ways.hpp"

namespace laconic {

/// Which workers a parameter server's rounds cannot tell apart: their hosts are equal, and so are their ways to the
/// server and back, link by link, where a link is either the same for both or used by one worker alone. What workers
/// of a kind do may be exchanged between them, link for link, and the round takes as long. So a round in which three of
/// ten equal workers upload is timed once, not once for each three.
class Alike {
 public:
  /// `ways`: of all workers.
  Alike(const Deployment& hosts, std::span<const Ways> ways);
  explicit Alike(const Star& star);

  int kinds() const { return kinds_; }
  int kind(int m) const { return kind_[static_cast<std::size_t>(m)]; }

  /// What the round's duration depends on, packed: how many workers of a kind do what. `order_bits` is what the
  /// participants receive first. Sets `order` to the positions of the plan's shares in the key's order.
  std::string key(const RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                  std::vector<std::size_t>& order) const;

 private:
  void sort(const std::vector<std::string>& traits);

  std::vector<int> kind_;
  int kinds_ = 0;
};

}  // namespace laconic
