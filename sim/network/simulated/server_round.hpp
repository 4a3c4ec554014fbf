#pragma once

#include <optional>
#include <span>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/simulated/actor_stacks.hpp"
#include "sim/network/simulated/round_actors.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/timeline/timeline.hpp"

namespace laconic::network {

/// Rounds of a parameter server: its actor sends the model to each participant, an actor on each worker's host computes
/// and sends its upload. Downloads are puts into the workers' mailboxes, uploads blocking puts into the server's. All
/// mailboxes have permanent receivers: without one, transfers would start only when somebody asks for them, one after
/// the other. The last participant to finish rings the server's bell, so that a silent worker needs no message to be
/// accounted for.
class ServerRound : public RoundActors {
 public:
  /// Adds the workers' actors.
  ServerRound(Simulation& simulation, const ClusterPlan& cluster, Timeline* timeline);
  void open() override;
  void run(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits) override;
  double compute_seconds(int m) const override { return workers_[static_cast<std::size_t>(m)].compute_seconds; }
  void meter(const rounds::RoundPlan& plan, std::optional<std::uint64_t> order_bits,
             EnergyMeter& energy) const override;

 private:
  struct Order {  // from the server to a worker
    double flops;
    std::optional<std::uint64_t> upload_bits;
    double sent;  // when, s
  };
  struct Worker {
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    std::size_t server_inbox = 0;  // its uploads' place in server_inboxes_
    Order order{};
    double compute_seconds = 0;
    double leaves = 0;          // when its order flows, s
    std::size_t under_way = 0;  // messages of its upload that have not arrived
  };
  struct Inbox {
    sg::Mailbox* box;
    std::size_t arrived = 0;  // and not taken out yet
  };
  using Shares = std::span<const rounds::RoundPlan::Share>;

  void send_orders(Shares shares, std::uint64_t bits);
  void put_orders(Shares shares, std::uint64_t bits, std::vector<sg::CommPtr>& sent);
  void write_orders(Shares shares, std::uint64_t bits);
  void expect_uploads(Shares shares);
  int number(const Worker& worker) const { return static_cast<int>(&worker - workers_.data()); }
  void serve_orders(Worker& worker);
  void answer(Worker& worker);
  void answer_in_buckets(Worker& worker);
  void upload(Worker& worker, std::uint64_t bytes);
  void is_done() {
    if (--pending_ == 0) bell_->release();
  }
  void compute(const sg::Host* host, double flops);

  Simulation& simulation_;
  const rounds::WireRules& wire_;
  std::vector<Worker> workers_;
  const Stacks stacks_;
  std::vector<Inbox> server_inboxes_;
  std::vector<sg::CommPtr> sent_;  // not detached: SimGrid counts no detached message on the air, and dies of its end
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t pending_ = 0;  // a plain counter: actors run one at a time
  const rounds::RoundPlan* plan_ = nullptr;
  std::optional<Connections> to_workers_, to_server_;
  std::vector<Connections::Message> messages_;
  std::vector<double> waits_;                    // for each of the messages, s
  std::vector<rounds::RoundPlan::Share> order_;  // the shares in the order in which their orders flow
};

}  // namespace laconic::network
