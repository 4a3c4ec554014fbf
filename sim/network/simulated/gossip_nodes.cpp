#include "sim/network/simulated/gossip_nodes.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "sim/network/simulated/actor_stacks.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/timeline/timeline.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;
using namespace graphs;

namespace {

constexpr std::size_t most_guarded_nodes = 1000;

class GossipNodes {
 public:
  GossipNodes(Simulation& simulation, const GossipRounds& rounds, const ClusterPlan& cluster, Timeline* timeline)
      : simulation_(simulation),
        rounds_(rounds),
        wire_(cluster.wire),
        slowdown_(cluster.conditions.slowdown()),
        timeline_(timeline),
        nodes_(simulation.hosts().workers.size()),
        stacks_(nodes_.size() > most_guarded_nodes) {
    stacks_.of_workers();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const std::string name = "node-" + std::to_string(i);
      Node& node = nodes_[i];
      node.number = static_cast<int>(i);
      node.host = simulation.hosts().workers[i];
      node.inbox = sg::Mailbox::by_name(name);
      sg::add_actor(
          name, node.host, [this, &node] { live(node); }, true);
    }
    stacks_.of_server();
  }

  /// What the server's actor does, which stands for nobody here: it learns the rounds that nodes ask for, and keeps
  /// their books.
  void keep_books(const AfterRound& after_round) {
    Ledger ledger;
    if (simulation_.energy()) ledger.energy_j = 0;
    if (!after_round(0, 0, ledger)) return;
    learn();
    begin_row(0);
    for (Round k = 0;;) {
      bell_->acquire();
      for (; !pending_.empty() && pending_.front().left == 0; ++k) {
        const Pending& round = pending_.front();
        count_gossip(round.plan, rounds_.graph->at(k), wire_, ledger);
        ledger.compute_s += round.compute_s;
        if (auto* energy = simulation_.energy()) ledger.energy_j = energy->joules();
        end_row(k);
        pending_.pop_front();
        if (!after_round(k + 1, now(), ledger)) return;
        begin_row(k + 1);
        if (pending_.empty()) learn();
      }
      if (wanted_ > learned_ && learned_ < rounds_.known) learn();
    }
  }

 private:
  struct Sent {
    int from = 0, to = 0;
    Round k = 0;
    double since = 0;
    bool under_way = false;
  };
  struct Node {
    int number = 0;
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    std::deque<sg::CommPtr> sent;  // not detached: SimGrid counts no detached message on the air
    std::map<Round, std::size_t> arrived;
    double computing_since = -1;
  };
  // A round that some nodes have not ended yet.
  struct Pending {
    RoundPlan plan;
    std::size_t left;  // nodes
    double compute_s = 0;
  };

  // The next round is learned, and those who wait for it go on.
  void learn() {
    pending_.push_back({rounds_.plan(learned_), nodes_.size()});  // a copy: the next call may reuse it
    ++learned_;
    for (; waiting_ > 0; --waiting_) there_->release();
  }

  Pending& pending(Round k) {
    const Round first = learned_ - static_cast<Round>(pending_.size());
    return pending_[static_cast<std::size_t>(k - first)];
  }

  // What a node does.

  void live(Node& node) {
    node.inbox->set_receiver(sg::Actor::self());  // messages flow as soon as they are sent
    for (Round k = 0;; ++k) {
      await_round(k);
      compute(node, k);
      send(node, k);
      hear(node, k);
      if (--pending(k).left == 0) bell_->release();
    }
  }

  void await_round(Round k) {
    while (k >= learned_) {
      wanted_ = std::max(wanted_, k + 1);
      ++waiting_;
      bell_->release();
      there_->acquire();
    }
  }

  void compute(Node& node, Round k) {
    const double planned = share(k, node.number).flops;
    const double flops = planned * (slowdown_ ? slowdown_(node.number, k) : 1);
    if (flops <= 0) return;
    const double start = node.computing_since = now();
    execute(flops);
    if (timeline_) timeline_->computed(node.host, node.computing_since, now());
    node.computing_since = -1;
    pending(k).compute_s += simulation_.varying_speeds() ? now() - start : flops / node.host->get_speed();
  }

  void send(Node& node, Round k) {
    while (!node.sent.empty() && node.sent.front()->test()) node.sent.pop_front();
    const auto bytes = wire_.message_bytes(share(k, node.number).upload_bits);
    for (const int to : rounds_.graph->at(k).out[static_cast<std::size_t>(node.number)]) {
      Node& other = nodes_[static_cast<std::size_t>(to)];
      if (!bytes) {
        free_notice(node.number, to).release();
        continue;
      }
      Sent& message = fresh();
      message = {node.number, to, k, now(), true};
      node.sent.push_back(other.inbox->put_async(&message, stretched_bytes(*bytes)));
      if (auto* energy = simulation_.energy()) energy->carried(node.host, other.host, static_cast<double>(*bytes));
    }
  }

  void hear(Node& node, Round k) {
    std::size_t expected = 0;
    for (const auto& from : rounds_.graph->at(k).in[static_cast<std::size_t>(node.number)]) {
      if (wire_.message_bytes(share(k, from.node).upload_bits))
        ++expected;
      else
        free_notice(from.node, node.number).acquire();
    }
    for (auto& arrived = node.arrived[k]; arrived < expected;) receive(node);
    node.arrived.erase(k);
  }

  void receive(Node& node) {
    Sent& message = *node.inbox->get<Sent>();
    if (timeline_) timeline_->carried(nodes_[static_cast<std::size_t>(message.from)].host, node.host, message.since, now());
    ++node.arrived[message.k];
    message.under_way = false;
    free_.push_back(&message);
  }

  const RoundPlan::Share& share(Round k, int node) { return pending(k).plan.shares[static_cast<std::size_t>(node)]; }

  Sent& fresh() {
    if (free_.empty()) return messages_.emplace_back();
    Sent& out = *free_.back();
    free_.pop_back();
    return out;
  }

  // Under "skip_notice": false a neighbour knows of a silent node without a message.
  sg::Semaphore& free_notice(int from, int to) {
    auto& semaphore = free_notices_[{from, to}];
    if (!semaphore) semaphore = sg::Semaphore::create(0);
    return *semaphore;
  }

  // The timeline shows the time from one row to the next as a round, and what goes on beyond its end in parts.

  void begin_row(Round k) {
    simulation_.begin_round();
    began_ = now();
    if (timeline_ && timeline_->wants(k)) timeline_->begin_round(began_);
  }

  void end_row(Round k) {
    if (!timeline_ || !timeline_->wants(k)) return;
    const double end = now();
    for (Node& node : nodes_) {
      if (node.computing_since < 0) continue;
      timeline_->computed(node.host, node.computing_since, end);
      node.computing_since = end;
    }
    for (Sent& message : messages_) {
      if (!message.under_way) continue;
      timeline_->carried(nodes_[static_cast<std::size_t>(message.from)].host,
                         nodes_[static_cast<std::size_t>(message.to)].host, message.since, end);
      message.since = end;
    }
    timeline_->write(k, began_, *timeline_->end_round(end));
  }

  Simulation& simulation_;
  const GossipRounds& rounds_;
  const WireRules& wire_;
  const std::function<double(int m, Round k)> slowdown_;
  Timeline* const timeline_;
  std::deque<Node> nodes_;
  const Stacks stacks_;
  std::deque<Pending> pending_;  // the last is of round learned_ - 1
  Round learned_ = 0, wanted_ = 0;
  std::size_t waiting_ = 0;  // nodes that wait for a round to be learned
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0), there_ = sg::Semaphore::create(0);
  std::map<std::pair<int, int>, sg::SemaphorePtr> free_notices_;
  std::deque<Sent> messages_;
  std::vector<Sent*> free_;
  double began_ = 0;
};

}  // namespace

void run_gossip_nodes(const GossipRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                      Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  GossipNodes nodes(simulation, rounds, cluster, timeline);
  simulation.run([&] { nodes.keep_books(after_round); });
}

}  // namespace laconic::network
