#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platforms/simgrid/versions.hpp"
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
  CollectiveRound(const platforms::Deployment& hosts, const rounds::Collective& collective,
                  const rounds::WireRules& wire, Timeline* timeline);
  void run(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) override;
  double compute_seconds(int m) const override { return members_[static_cast<std::size_t>(m)].compute_seconds; }
  void meter(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits,
             EnergyMeter& energy) const override;

 private:
  struct Message {
    int from;
    double sent;  // when, s
  };
  struct Member {
    int number;
    sg::Host* host;
    sg::Mailbox* inbox;
    sg::SemaphorePtr start;
    const std::vector<rounds::Step>* program = nullptr;
    std::vector<sg::CommPtr> sent;       // transfers that have perhaps not arrived yet
    std::deque<Message> messages;        // all that it sent in this round
    std::unordered_map<int, int> early;  // for each sender, how many messages arrived before they were wanted
    double compute_seconds = 0;
  };

  void run_program(Member& member);
  void run_step(Member& member, const rounds::Step& step);
  void compute(Member& member, double flops);
  void receive_from(Member& member, int peer);
  int receive_next(Member& member);
  static void wait_for_arrivals(Member& member);
  sg::Semaphore& free_notice(int from, int to);

  const rounds::Collective& collective_;
  const rounds::WireRules& wire_;
  Timeline* const timeline_;
  std::vector<Member> members_;  // the workers, then the server
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t running_ = 0;  // a plain counter: actors run one at a time
  std::map<std::pair<int, int>, sg::SemaphorePtr> free_notices_;
};

}  // namespace laconic::network
