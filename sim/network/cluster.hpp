#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/core/setup.hpp"
#include "platforms/built/star_view.hpp"
#include "platforms/platform.hpp"
#include "sim/network/conditions.hpp"
#include "sim/network/connections.hpp"
#include "sim/rounds/asynchronous_run.hpp"
#include "sim/rounds/gossip.hpp"
#include "sim/rounds/overlap.hpp"
#include "sim/rounds/run_rounds.hpp"

namespace laconic::network {

class Timeline;

/// Who finds how long rounds take.
enum class Solver {
  automatic,  ///< a closed form where there is one, else SimGrid
  simgrid,    ///< actors in SimGrid that carry sizes, while the mathematics of a round is done at once
  actors      ///< actors in SimGrid that do the mathematics themselves and exchange the encoded bytes (actors.hpp)
};

/// How a step is carried out, where a scenario says so: it is then told how long communication takes, and how much of
/// that computation hides.
struct Execution {
  std::optional<rounds::Overlap> overlap;  ///< nothing: uploads leave when all is computed
};

/// What a scenario says of its cluster.
struct ClusterPlan {
  int workers = 0;
  rounds::WireRules wire;
  Wire reals = Wire::float32;  ///< how real numbers travel
  const platforms::NetworkModel* network = nullptr;
  Solver solver = Solver::automatic;
  platforms::BuildPlatform platform;             ///< empty: there is no network, and no time
  std::optional<rounds::Collective> collective;  ///< nothing: the parameter server
  Conditions conditions;
  std::optional<Execution> execution;         ///< of methods whose rounds have a barrier
  std::optional<platforms::Star> star;        ///< the platform, if it is one
  std::vector<std::size_t> racks;             ///< each worker's rack or site; empty: the platform has none
  std::optional<ConnectionPlan> connections;  ///< where `network` has them; messages flow at once else
  ClusterFacts facts;                         ///< what methods may know of it

  /// Whether a closed form says how long rounds take. (closed_form/star_solver.hpp)
  bool has_closed_form() const {
    return star && network->alpha_beta && solver == Solver::automatic && !collective && !conditions.energy &&
           !conditions.vary() && !conditions.can_fail() && !(star->unlimited && overlaps());
  }
  bool overlaps() const { return execution && execution->overlap; }
  /// Whether a round takes as long as an equal one before it, if nothing else changes: connections remember.
  bool rounds_are_alike() const { return !connections; }
  const rounds::Collective* pattern() const { return collective ? &*collective : nullptr; }
  /// Whether time decides what is learned, so that no record of a run holds on another cluster.
  bool feeds_back() const { return conditions.late != Late::wait; }
};

/// Rounds in two halves (rounds::Learner): the participants who are not away compute, then the server hears of them.
struct OpenRounds {
  std::function<const rounds::RoundPlan&(Round k, const std::vector<bool>& away)> begin;
  std::function<void(Round k, const std::vector<rounds::Learner::Arrival>& arrivals, bool step)> end;
};

/// A method whose rounds its endpoints make themselves, and who is shown each round as it was counted.
struct MethodRounds {
  Method* method = nullptr;
  std::function<void(const rounds::RoundPlan&)> seen = {};
};

/// The rounds of one run, learned as it goes or recorded before.
struct RunRounds {
  std::size_t workers = 0;
  rounds::PlanRound plan;
  OpenRounds open = {};            ///< needed where the cluster `feeds_back()`, and only there
  MethodRounds by_endpoints = {};  ///< needed for Solver::actors, and only there
};

/// Runs rounds on a cluster, and chooses who finds how long they take: nobody (no network), a closed form, or SimGrid,
/// on which actors compute and exchange messages of the plans' sizes. Their answers agree; the closed form is faster.
///
/// A round is over when its last upload has arrived (where there is no server, when every worker has the sum); every
/// round starts on an idle network. A round whose like was timed before therefore takes as long, and is not timed
/// again, unless the platform changes with time; the simulated time is the sum of the rounds'. Makes this process's one
/// and only Engine, if there is a network, unless the cluster `has_closed_form()` and there is no timeline. Throws what
/// the rounds or `after_round` threw, and RunError if the simulation cannot go on.
void simulate_rounds(const RunRounds& rounds, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                     Timeline* timeline = nullptr);

/// Runs an asynchronous method on a cluster that has a network, the parameter server and no deadlines. Nothing begins
/// anew with a round: transfers start and end at any time. Who finds when is chosen as above, and so are the errors.
void simulate_asynchronous(rounds::AsynchronousRun& run, const ClusterPlan& cluster, Timeline* timeline = nullptr);

/// Runs a method on a graph, whose nodes are the cluster's workers. There is no barrier: a node's round begins when it
/// has ended the one before. A row's time is when the last node has ended its round.
void simulate_gossip(const rounds::GossipRounds& rounds, const ClusterPlan& cluster,
                     const rounds::AfterRound& after_round, Timeline* timeline = nullptr);

/// That for an asynchronous one, on a cluster that has a network. Calls after_exchange when a node has finished an
/// exchange, before any model changes again; its `rounds` are exchanges.
void simulate_exchanges(ExchangeMethod& method, const ClusterPlan& cluster, const rounds::AfterRound& after_exchange,
                        Timeline* timeline = nullptr);

/// Builds the simulated cluster in a process of its own, to see whether it can be built. Throws InputError.
void check_simulation(const ClusterPlan& cluster, const std::string& where);

}  // namespace laconic::network
