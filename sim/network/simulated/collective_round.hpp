#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/simulated/round_actors.hpp"
#include "sim/network/timeline/timeline.hpp"
#include "sim/rounds/collectives/collective.hpp"
#include "sim/rounds/ledger.hpp"

namespace laconic::network {

/// Rounds of a collective: an actor on each worker's host runs its program of the round's script, and the server's
/// actor runs the last. As in ServerRound, all mailboxes have permanent receivers.
class CollectiveRound : public RoundActors {
 public:
  /// Adds the workers' actors.
  CollectiveRound(const platforms::Deployment& hosts, const rounds::Collective& collective, const ClusterPlan& cluster,
                  Timeline* timeline);
  void run(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) override;
  double compute_seconds(int m) const override { return members_[static_cast<std::size_t>(m)].compute_seconds; }
  void meter(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits,
             EnergyMeter& energy) const override;

 private:
  struct Message {
    int from;
    double sent;  // when, s
  };
  struct Line {
    Connection connection;
    Way way;
    double other_hops;  // as Ways::Path has them
    double free = 0;    // when what was written before flows, s
  };
  struct Member {
    int number;
    sg::Host* host;
    sg::Mailbox* inbox;
    sg::SemaphorePtr start;
    const std::vector<rounds::Step>* program = nullptr;
    std::vector<sg::CommPtr> sent;  // transfers that have perhaps not arrived yet
    std::size_t waiting = 0;        // messages that wait for their connections, or have not arrived since
    sg::SemaphorePtr delivered = sg::Semaphore::create(0);  // released for each of those that arrives
    std::deque<Message> messages;                           // all that it sent in this round
    std::unordered_map<int, int> early;  // for each sender, how many messages arrived before they were wanted
    double compute_seconds = 0;
    sg::SemaphorePtr bucket = sg::Semaphore::create(0);  // released for each of the round's that is computed
  };

  Line line_between(int from, int to) const;
  void run_program(Member& member);
  void run_step(Member& member, const rounds::Step& step);
  void send(Member& member, int peer, std::uint64_t bytes);
  double wait_for_connection(int from, int to, std::uint64_t bytes);
  void compute(Member& member, double flops);
  void begin_computing(Member& member, double flops);
  void receive_from(Member& member, int peer);
  int receive_next(Member& member);
  static void wait_for_arrivals(Member& member);
  sg::Semaphore& free_notice(int from, int to);

  const platforms::Deployment& hosts_;
  const rounds::Collective& collective_;
  const rounds::WireRules& wire_;
  std::vector<Member> members_;  // the workers, then the server
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t running_ = 0;  // a plain counter: actors run one at a time
  const rounds::RoundPlan* plan_ = nullptr;
  std::map<std::pair<int, int>, sg::SemaphorePtr> free_notices_;
  std::optional<ConnectionRules> connections_;  // nothing: messages flow at once
  std::map<std::pair<int, int>, Line> lines_;   // from whom to whom, made when it is first used
};

}  // namespace laconic::network
