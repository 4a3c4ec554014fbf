#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platforms/built/star_view.hpp"
#include "platforms/platform.hpp"
#include "platforms/simgrid/versions.hpp"
#include "sim/network/route.hpp"
#include "sim/rounds/learner.hpp"

namespace laconic::network {

/// Which workers a parameter server's rounds cannot tell apart: their hosts are equal, and so are their routes to the
/// server and back, link by link, where a link is either the same for both or used by one worker alone. What workers
/// of a kind do may be exchanged between them, link for link, and the round takes as long. So a round in which three of
/// ten equal workers upload is timed once, not once for each three.
class EqualWorkers {
 public:
  /// `routes` holds every worker's, in their order.
  EqualWorkers(const platforms::Deployment& hosts, std::span<const Route> routes);
  explicit EqualWorkers(const platforms::Star& star);

  int kinds() const { return kinds_; }
  int kind(int m) const { return kind_[static_cast<std::size_t>(m)]; }

  /// Packs what the round's duration depends on into a string: how many workers of a kind do what. `order_bits` is what
  /// the participants receive first. Sets `order` to the positions of the plan's shares in the key's order.
  std::string key(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                  std::vector<std::size_t>& order) const;

 private:
  void sort(const std::vector<std::string>& traits);

  std::vector<int> kind_;
  int kinds_ = 0;
};

}  // namespace laconic::network
