#pragma once

#include <optional>
#include <string>

#include "platforms/built/star_view.hpp"
#include "platforms/platform.hpp"
#include "sim/network/conditions.hpp"
#include "sim/rounds/run_rounds.hpp"

namespace laconic::network {

class Timeline;

/// What a scenario says of its cluster.
struct ClusterPlan {
  rounds::WireRules wire;
  const platforms::NetworkModel* network = nullptr;
  bool only_simgrid = false;                     ///< or what can be is found outright
  platforms::BuildPlatform platform;             ///< empty: lockstep, without a network
  std::optional<rounds::Collective> collective;  ///< nothing: the parameter server
  Conditions conditions;
  std::optional<platforms::Star> star;  ///< the platform, if it is one

  /// Whether how long a round takes is found without SimGrid. (sim/star_rounds.hpp)
  bool has_closed_form() const {
    return star && network->alpha_beta && !only_simgrid && !collective && !conditions.energy && !conditions.vary() &&
           !conditions.can_fail();
  }
  const rounds::Collective* pattern() const { return collective ? &*collective : nullptr; }
  /// Whether time decides what is learned, so that no record of a run holds on another cluster.
  bool feeds_back() const { return conditions.late != Late::wait; }
};

/// Rounds on a simulated cluster: a server actor and M worker actors exchange messages of the plans' sizes over
/// SimGrid's links, as the collective says; where the same can be found outright, it is, without SimGrid. A round is
/// over when its last upload has arrived (where there is no server, when every worker has the sum); every round starts
/// on an idle network. So a round whose like was timed before takes as long, and is not timed again, unless the
/// platform changes with time; the simulated time is the sum of the rounds'. Makes this process's one and only Engine,
/// unless the cluster is `has_closed_form()`. Throws what `plan_round` or `after_round` threw, and RunError if the
/// simulation cannot go on.
void run_actors(const rounds::PlanRound& plan_round, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                Timeline* timeline = nullptr);

/// Rounds in two halves: what the participants do who are not away, then what the server hears of. (sim/rounds.hpp)
struct OpenRounds {
  std::function<const rounds::RoundPlan&(Round k, const std::vector<bool>& away)> begin;
  std::function<void(Round k, const std::vector<rounds::Learner::Arrival>& arrivals, bool step)> end;
};

/// Rounds where hosts and links may fail, and rounds may have a deadline.
///
/// A worker has one order at a time. With deadlines, one that is down or out of reach when a round begins is left out
/// of it, and so is one that still owes the answer to an earlier round; nobody tells the server of what fails later,
/// and the worker's round is then lost. Without, what a failure cuts short, or keeps from beginning, is done again as
/// soon as it can be: a transfer where a link was down or the server, the whole of its round where the worker was.
///
/// A round ends when all who were asked have answered, at the latest with its deadline, and at the deadline if nobody
/// could be asked; not while the server is down. What arrives at the deadline is in time. What a failure cuts short is
/// not counted; samples, memories and the server's model survive it. Throws RunError where nobody is left to wait for,
/// and where a round fails again and again.
void run_failing_workers(const OpenRounds& rounds, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                         Timeline* timeline = nullptr);

/// Builds the simulated cluster in a process of its own, to see whether it can be built. Throws InputError.
void check_simulation(const ClusterPlan& cluster, const std::string& where);

}  // namespace laconic::network
