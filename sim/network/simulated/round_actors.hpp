#pragma once

#include <cstdint>
#include <optional>

#include "sim/network/simulated/energy_meter.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::network {

/// The actors that compute and exchange one round's messages after another on a simulated platform. What is learned
/// does not depend on when messages arrive, so they carry sizes, not vectors: the mathematics of a round is done when
/// the server begins it.
class RoundActors {
 public:
  virtual ~RoundActors() = default;
  /// To be called by the server's actor, once, before the first round.
  virtual void open() {}
  /// Runs a round that begins with messages of `order_bits` to its participants. To be called by the server's actor;
  /// returns when all that was sent has arrived, and the last participant's silence, too, is known.
  virtual void run(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) = 0;
  /// How long worker m computed in the last round it took part in, s.
  virtual double compute_seconds(int m) const = 0;
  /// Counts the energy of the round's messages.
  virtual void meter(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                     EnergyMeter& energy) const = 0;
};

}  // namespace laconic::network
