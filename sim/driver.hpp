#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "algorithms/core/parts.hpp"
#include "platforms/as_star.hpp"
#include "platforms/platform.hpp"
#include "sim/collectives/collective.hpp"
#include "sim/conditions.hpp"
#include "sim/rounds.hpp"

namespace laconic {

/// What each message costs beyond its payload.
struct WireRules {
  std::uint64_t header = 64;  ///< bytes added to every message
  bool skip_notice = true;    ///< a silent worker says so with a header alone; else the server knows for free

  /// Of a message whose payload has so many bits.
  std::uint64_t bytes(std::uint64_t bits) const { return (bits + 7) / 8 + header; }
  /// A notice cannot be nothing at all: at least one byte.
  std::uint64_t notice_bytes() const { return header > 0 ? header : 1; }
};

/// Cumulative counts of a run. (design.md section 6)
struct Ledger {
  std::uint64_t uploads = 0, downloads = 0;              ///< messages with a payload
  std::uint64_t upload_bits = 0, download_bits = 0;      ///< payloads
  std::uint64_t wire_bytes_up = 0, wire_bytes_down = 0;  ///< all the network carried
  double compute_s = 0;                                  ///< simulated, summed over workers
  double flops = 0;                                      ///< simulated, workers and server
  std::optional<std::uint64_t> late;                     ///< uploads that came after their round's deadline
  std::optional<std::uint64_t> lost;                     ///< workers' rounds that failures took, uploads or not
  std::optional<double> energy_j;                        ///< of hosts and links

  void download(std::uint64_t bits, const WireRules& wire) {
    ++downloads;
    download_bits += bits;
    wire_bytes_down += wire.bytes(bits);
  }
  void upload(std::optional<std::uint64_t> bits, const WireRules& wire) {
    if (bits) {
      ++uploads;
      upload_bits += *bits;
      wire_bytes_up += wire.bytes(*bits);
    } else if (wire.skip_notice) {
      wire_bytes_up += wire.notice_bytes();
    }
  }
  /// All of a round, but for its compute_s.
  void round(const RoundPlan& plan, std::size_t workers, const WireRules& wire);
  /// What went down and was computed in vain.
  void waste(const Ledger& in_vain);
};

/// Counts rounds. Under a collective, uploads are its messages on the way to the sum, downloads those on the way back,
/// every hop of them.
class Bookkeeper {
 public:
  Bookkeeper(std::size_t workers, const WireRules& wire, const Collective* collective)
      : workers_(workers), wire_(wire), collective_(collective) {}
  void count(const RoundPlan& plan, Ledger& ledger);

 private:
  std::size_t workers_;
  const WireRules& wire_;
  const Collective* collective_;
  RoundPlan last_;  // whose messages are counted in
  Ledger messages_;
};

/// What a scenario says of its cluster.
struct ClusterPlan {
  WireRules wire;
  const NetworkModel* network = nullptr;
  bool only_simgrid = false;             ///< or what can be is found outright
  BuildPlatform platform;                ///< empty: lockstep, without a network
  std::optional<Collective> collective;  ///< nothing: the parameter server
  Conditions conditions;
  std::optional<Star> star;  ///< the platform, if it is one

  /// Whether how long a round takes is found without SimGrid. (sim/star_rounds.hpp)
  bool outright() const {
    return star && network->alpha_beta && !only_simgrid && !collective && !conditions.energy && !conditions.vary() &&
           !conditions.exposed();
  }
  const Collective* pattern() const { return collective ? &*collective : nullptr; }
  /// Whether time decides what is learned, so that no record of a run holds on another cluster.
  bool feeds_back() const { return conditions.late != Late::wait; }
};

/// Called with `rounds` = 0 before the first round and after every round's update; false ends the run.
/// sim_time_s is negative where no time is simulated.
using AfterRound = std::function<bool(Round rounds, double sim_time_s, const Ledger& ledger)>;
using AfterLearning = std::function<bool(Round rounds, double sim_time_s, const Vector& model, const Ledger& ledger)>;

/// When round k is over, s. `plan`: with what stragglers make of it; `order_bits`: what the participants receive
/// first. Adds to the ledger what only who knows the time knows: compute_s, energy_j.
using TimeRound =
    std::function<double(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger)>;

/// One round after the other, with their books. `clock`: of the start.
void run_rounds(const PlanRound& plan_round, Bookkeeper books, const Conditions& conditions, const TimeRound& time,
                const AfterRound& after_round, double clock = 0);

/// Runs rounds without a network.
void run_untimed(const PlanRound& plan_round, std::size_t workers, const WireRules& wire, const AfterRound& after_round,
                 const Collective* collective = nullptr);

/// The same of a method's rounds, which are learned.
void run_lockstep(Method& method, const WireRules& wire, const AfterLearning& after_round);

/// Rounds on a simulated cluster: a server actor and M worker actors exchange messages of the plans' sizes over
/// SimGrid's links, as the collective says; where the same can be found outright, it is, without SimGrid. A round is
/// over when its last upload has arrived (where there is no server, when every worker has the sum); every round starts
/// on an idle network. So a round whose like was timed before takes as long, and is not timed again, unless the
/// platform changes with time; the simulated time is the sum of the rounds'. Makes this process's one and only Engine,
/// unless the cluster is `outright()`. Throws what `plan_round` or `after_round` threw, and RunError if the simulation
/// cannot go on.
void run_actors(const PlanRound& plan_round, const ClusterPlan& cluster, const AfterRound& after_round);

/// Rounds in two halves: what the participants do who are not away, then what the server hears of. (sim/rounds.hpp)
struct OpenRounds {
  std::function<const RoundPlan&(Round k, const std::vector<bool>& away)> begin;
  std::function<void(Round k, const std::vector<Learner::Arrival>& arrivals, bool step)> end;
};

class Timeline;

/// The same where hosts and links may fail, and rounds may have a deadline.
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
void run_exposed(const OpenRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                 Timeline* timeline = nullptr);

}  // namespace laconic
