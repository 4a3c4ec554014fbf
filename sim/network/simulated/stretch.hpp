#pragma once

#include <cstddef>
#include <cstdint>

#include "platforms/simgrid/versions.hpp"

/// SimGrid compares what it computes with absolute thresholds: times with 1e-9 s, and shares of links, whose weights
/// are 1/latency, with 1e-5. Where latencies are some nanoseconds it loses digits, up to a tenth of the time. So
/// simulated time is stretched here: a latency, a message, a computation and a pause are all 2^k times as long as in
/// the scenario, with bandwidths and speeds as they are, and k such that the weights on a link add up to one or less;
/// then thresholds can be set to the rounding of what they are compared with. A power of two changes no digit of a
/// result.
///
/// Sources of sim/network/ speak of the scenario's time by these functions alone, and never to SimGrid's clock. A
/// process has one engine, and so one stretch.
namespace laconic::network {

/// Stretches the time of the engine, which has built its platform and runs nothing yet, and sets its thresholds for so
/// many flows at once. `own_dates`: whether the platform follows profiles whose dates only SimGrid knows, so that time
/// must stay as it is. Throws InputError for latencies that SimGrid can then not tell apart.
void stretch_time(sg::Engine& engine, std::size_t flows, bool own_dates);
/// What an actor must do while the simulation runs, for the threshold of times to follow the clock.
void follow_clock();

/// How many simulated seconds a second of the scenario takes.
double stretch();

/// The scenario's time, s.
inline double now() { return sg::Engine::get_clock() / stretch(); }
/// Lets the calling actor sleep, if only for the shortest time that there is: an actor that sleeps for no time at all
/// would never let another one go on.
void rest_for(double seconds);
inline void rest_until(double date) { rest_for(date - now()); }
/// Lets the calling actor compute on its host.
inline void execute(double flops) { sg::this_actor::execute(flops * stretch()); }
/// What SimGrid is told a message's size is. Throws RunError beyond what it can take, some gigabytes at the least.
std::uint64_t stretched_bytes(std::uint64_t bytes);

}  // namespace laconic::network
