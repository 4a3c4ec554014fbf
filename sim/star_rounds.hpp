#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/driver.hpp"
#include "sim/shared_link.hpp"
#include "sim/ways.hpp"

namespace laconic {

/// The durations of a parameter server's rounds on a platform that is a star to them: at most the links on all
/// workers' ways down are shared, by downloads alone, and those on all ways up, by uploads alone. Transfers then share
/// one link, which is solved outright, with SimGrid's alpha-beta model: a transfer takes its share once its latency has
/// passed, and shares are as 1 / latency. SimGrid comes to the same, but visits every transfer at every event.
class StarRounds {
 public:
  /// `ways`: of all workers. Nothing if the platform is no star, or computations meet on a host.
  static std::optional<StarRounds> on(const Deployment& hosts, std::span<const Ways> ways);

  /// Of a round that starts on an idle network; `order_bits` is what the participants receive first.
  double seconds(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, const WireRules& wire);

 private:
  struct Way {
    double latency, most;  // s, byte/s
  };
  struct Station {
    double speed;  // flop/s
    Way down, up;
  };

  StarRounds(double server_speed, std::vector<Station> stations, double down, double up)
      : server_speed_(server_speed), stations_(std::move(stations)), down_(down), up_(up) {}

  double server_speed_;
  std::vector<Station> stations_;
  SharedLink down_, up_;
  std::vector<Transfer> transfers_;
  std::vector<double> ready_, arrived_;  // when
};

}  // namespace laconic
