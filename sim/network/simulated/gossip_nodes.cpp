#include "sim/network/simulated/gossip_nodes.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

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
        by_peers_(cluster.solver == Solver::actors),
        stacks_(!by_peers_ && nodes_.size() > most_guarded_nodes) {
    stacks_.of_workers();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const std::string name = "node-" + std::to_string(i);
      Node& node = nodes_[i];
      node.number = static_cast<int>(i);
      node.host = simulation.hosts().workers[i];
      sg::add_actor(
          name, node.host, [this, &node] { live(node); }, true);
    }
    stacks_.of_server();
  }

  /// What the server's actor does, which stands for nobody here: it has rounds learned that nodes ask for, unless they
  /// do that themselves, and keeps their books.
  void keep_books(const AfterRound& after_round) {
    Ledger ledger;
    if (simulation_.energy()) ledger.energy_j = 0;
    if (!after_round(0, 0, ledger)) return;
    open_round();
    begin_row(0);
    for (Round k = 0;;) {
      bell_->acquire();
      for (; !pending_.empty() && pending_.front().left == 0; ++k) {
        Pending& round = pending_.front();
        count_gossip(round.plan, rounds_.graph->at(k), wire_, ledger);
        ledger.compute_s += round.compute_s;
        if (auto* energy = simulation_.energy()) ledger.energy_j = energy->joules();
        end_row(k);
        if (by_peers_) rounds_.history->add(std::move(round.plan), models_of(round.ended));
        pending_.pop_front();
        if (!after_round(k + 1, now(), ledger)) return;
        begin_row(k + 1);
        if (pending_.empty()) open_round();
      }
      if (wanted_ > opened_ && opened_ < rounds_.known) open_round();
    }
  }

 private:
  struct Sent {
    int from = 0, to = 0;
    double since = 0;
    bool under_way = false, taken = false;
    Message message = {};  // empty where the mathematics is done elsewhere
    bool silent = false;
  };
  struct Node {
    int number = 0;
    sg::Host* host = nullptr;
    sg::Actor* actor = nullptr;
    std::map<int, sg::Mailbox*> inboxes;  // one for each sender: who waits on one hears in the order of sending
    std::deque<std::pair<sg::CommPtr, Sent*>> sent;  // not detached: SimGrid counts no detached message on the air
    std::vector<Sent*> arrived;                      // the messages of its round
    double computing_since = -1;
    const Message* said = nullptr;  // this round, where it does its own mathematics
  };
  // A round that some nodes have not ended yet.
  struct Pending {
    RoundPlan plan;
    std::size_t left;  // nodes
    double compute_s = 0;
    std::vector<PeerState> ended = {};  // the nodes' models, where they do the mathematics
  };

  // Those who wait for the next round go on.
  void open_round() {
    const std::size_t M = nodes_.size();
    if (by_peers_) {
      pending_.push_back({.plan = {}, .left = M, .ended = std::vector<PeerState>(M)});
      pending_.back().plan.shares.resize(M);
    } else {
      pending_.push_back({.plan = rounds_.plan(opened_), .left = M});  // a copy: the next call may reuse it
    }
    ++opened_;
    for (; waiting_ > 0; --waiting_) there_->release();
  }

  Pending& pending(Round k) {
    const Round first = opened_ - static_cast<Round>(pending_.size());
    return pending_[static_cast<std::size_t>(k - first)];
  }

  // What a node does.

  void live(Node& node) {
    node.actor = sg::Actor::self();
    for (Round k = 0;; ++k) {  // none begins before all actors are known
      await_round(k);
      if (by_peers_) do_mathematics(node, k);
      compute(node, k);
      send(node, k);
      hear(node, k);
      if (--pending(k).left == 0) bell_->release();
    }
  }

  void await_round(Round k) {
    while (k >= opened_) {
      wanted_ = std::max(wanted_, k + 1);
      ++waiting_;
      bell_->release();
      there_->acquire();
    }
  }

  // The node's own part of the round's plan.
  void do_mathematics(Node& node, Round k) {
    Peer& peer = peer_of(node);
    node.said = peer.send(k);
    const auto bits = node.said ? std::optional(node.said->bits) : std::nullopt;
    share(k, node.number) = {node.number, peer.flops(), bits};
  }

  Peer& peer_of(const Node& node) { return *rounds_.method->peers[static_cast<std::size_t>(node.number)]; }

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

  // SimGrid 3.32 keeps an actor's transfers in a list, which is searched at each one's end, until they are waited for.
  void forget_taken(Node& node) {
    for (; !node.sent.empty() && node.sent.front().second->taken; node.sent.pop_front()) {
      node.sent.front().first->wait();
      free_.push_back(node.sent.front().second);
    }
  }

  // Under "skip_notice": false a neighbour knows of a silent node without a message: SimGrid's empty ones take no time.
  void send(Node& node, Round k) {
    forget_taken(node);
    const auto bytes = wire_.message_bytes(share(k, node.number).upload_bits).value_or(0);
    for (const int to : rounds_.graph->at(k).out[static_cast<std::size_t>(node.number)]) {
      Node& other = nodes_[static_cast<std::size_t>(to)];
      Sent& message = fresh();
      message = {.from = node.number, .to = to, .since = now(), .under_way = bytes > 0, .silent = !node.said};
      if (node.said) message.message = *node.said;
      node.sent.emplace_back(inbox(other, node.number).put_async(&message, stretched_bytes(bytes)), &message);
      if (auto* energy = simulation_.energy()) energy->carried(node.host, other.host, static_cast<double>(bytes));
    }
  }

  // Messages of a round flow side by side, in whichever order they are waited for; those of rounds to come are not.
  void hear(Node& node, Round k) {
    for (const auto& sender : rounds_.graph->at(k).in[static_cast<std::size_t>(node.number)]) {
      Sent& message = *inbox(node, sender.node).get<Sent>();
      if (timeline_ && message.under_way)
        timeline_->carried(nodes_[static_cast<std::size_t>(message.from)].host, node.host, message.since, now());
      message.under_way = false;
      node.arrived.push_back(&message);
    }
    if (by_peers_) mix(node, k);
    for (Sent* message : node.arrived) message->taken = true;
    node.arrived.clear();
    if (by_peers_)
      pending(k).ended[static_cast<std::size_t>(node.number)] = {peer_of(node).model(), peer_of(node).share()};
  }

  sg::Mailbox& inbox(Node& node, int sender) {
    sg::Mailbox*& out = node.inboxes[sender];
    if (!out) {
      out = sg::Mailbox::by_name(std::to_string(sender) + "-" + std::to_string(node.number));
      out->set_receiver(node.actor);  // messages flow as soon as they are sent
    }
    return *out;
  }

  void mix(Node& node, Round k) {
    Peer& peer = peer_of(node);
    const Phase& graph = rounds_.graph->at(k);
    for_heard(graph, node.number, [&](int from, double weight, std::size_t place) {
      const Message* message = from == node.number           ? node.said
                               : node.arrived[place]->silent ? nullptr
                                                             : &node.arrived[place]->message;
      if (message) peer.hear(k, from, weight, *message);
    });
    peer.mix(k);
  }

  RoundPlan::Share& share(Round k, int node) { return pending(k).plan.shares[static_cast<std::size_t>(node)]; }

  Sent& fresh() {
    if (free_.empty()) return messages_.emplace_back();
    Sent& out = *free_.back();
    free_.pop_back();
    return out;
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
  const bool by_peers_;  // whether nodes do their own mathematics, and exchange the encoded bytes themselves
  const Stacks stacks_;
  std::deque<Pending> pending_;  // the last is of round opened_ - 1
  Round opened_ = 0, wanted_ = 0;
  std::size_t waiting_ = 0;  // nodes that wait for a round to be opened
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0), there_ = sg::Semaphore::create(0);
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
