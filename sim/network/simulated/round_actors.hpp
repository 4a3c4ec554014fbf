#pragma once

#include <cstdint>
#include <optional>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/simulated/energy_meter.hpp"
#include "sim/network/timeline/timeline.hpp"
#include "sim/network/traffic.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::network {

/// The actors that compute and exchange one round's messages after another on a simulated platform. What is learned
/// does not depend on when messages arrive, so they carry sizes, not vectors: the mathematics of a round is done when
/// the server begins it.
class RoundActors {
 public:
  /// `timeline` is nullptr where nobody wants one.
  explicit RoundActors(Timeline* timeline) : timeline_(timeline) {}
  virtual ~RoundActors() = default;
  /// From now on, `watch` is told what computes and what is under way.
  void watch(TrafficWatch& watch) { watch_ = &watch; }
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

 protected:
  // Tell whoever wants to know of it.
  void computed(const sg::Host* host, double from, double to) const {
    if (timeline_) timeline_->computed(host, from, to);
    if (watch_) watch_->computed(from, to);
  }
  void carried(const sg::Host* from, const sg::Host* to, double sent, double arrived) const {
    if (timeline_) timeline_->carried(from, to, sent, arrived);
    if (watch_) watch_->carried(sent, arrived);
  }

 private:
  Timeline* const timeline_;
  TrafficWatch* watch_ = nullptr;
};

}  // namespace laconic::network
