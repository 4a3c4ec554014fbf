#include "sim/network/simulated/failing_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/core/changes.hpp"
#include "sim/network/simulated/heard.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/simulated/tasks.hpp"
#include "sim/network/timeline/timeline.hpp"

// An actor for each node computes and waits for its neighbours; a courier carries each of its messages. All stand on
// the server's host: nothing is ever really turned off (outages.hpp).

namespace laconic::network {

using namespace platforms;
using namespace rounds;
using namespace graphs;

namespace {

class FailingNodes : public Feature {
 public:
  FailingNodes(Simulation& simulation, const GossipRounds& rounds, const ClusterPlan& cluster, Timeline* timeline)
      : simulation_(simulation),
        outages_(simulation.outages()),
        rounds_(rounds),
        cluster_(cluster),
        timeline_(timeline),
        tasks_(simulation, timeline),
        deadlines_(cluster.feeds_back()),
        changes_(deadlines_ && dynamic_cast<const SendsChanges*>(rounds.method->peers.front().get())) {
    for (auto* host : simulation.hosts().workers) {
      Node& node = nodes_.emplace_back();
      node.number = static_cast<int>(nodes_.size()) - 1;
      node.host = host;
      node.self = &outages_.on(host);
    }
    for (Node& node : nodes_)
      sg::add_actor(
          fmt::format("node-{}", node.number), simulation.hosts().server, [this, &node] { live(node); }, true);
    simulation.add_listener(*this);
  }

  void finish(Simulation&) override {
    for (Task* task : all_tasks()) Tasks::cancel(*task);
  }
  void changed(const Component& component) override {
    if (component.down > 0) {
      for (Task* task : all_tasks()) Tasks::cut(*task, component);
      if (deadlines_) bell_->release();  // rounds may be over without it
    } else if (timeline_) {
      timeline_->off(component.host, component.link, component.since, now());
    }
  }

  /// What the server's actor does, which stands for nobody here.
  void keep_books(const AfterRound& after_round) {
    ledger_.late = ledger_.lost = 0;
    if (simulation_.energy()) ledger_.energy_j = 0;
    if (!after_round(0, 0, ledger_)) return;
    open_round();
    begin_row(0);
    for (Round k = 0;;) {
      bell_->acquire();
      check_alive();
      for (; !pending_.empty() && over(pending_.front()); ++k) {
        close_round(k);
        if (!after_round(k + 1, now(), ledger_)) return;
        begin_row(k + 1);
        if (pending_.empty()) open_round();
      }
      if (wanted_ > opened_ && opened_ < rounds_.known) open_round();
    }
  }

 private:
  struct Node {
    int number = 0;
    sg::Host* host = nullptr;
    const Outages::Needs* self = nullptr;
    Round k = 0;
    double deadline = 0;
    std::map<int, Heard> heard;  // by sender
    sg::SemaphorePtr news = sg::Semaphore::create(0);
    Said said;
    std::optional<std::uint64_t> bits;  // of what it says this round
    Task task;
  };
  struct Courier {
    int from = 0, to = 0;
    Round k = 0;
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> bits;
    Said said;
    Task task;
    sg::SemaphorePtr ready = sg::Semaphore::create(0);
  };
  struct Pending {
    RoundPlan plan;
    Ledger counted = {};  // what has come of it so far
    std::size_t left;     // nodes that have not ended it
    std::vector<bool> by;
    std::vector<PeerState> ended = {};  // the nodes' models, where they do the mathematics
  };
  static constexpr int most_failures = 1000;  // of one task

  // Rounds, and their books.

  void open_round() {
    const std::size_t M = nodes_.size();
    Pending& round = pending_.emplace_back(Pending{.plan = {}, .left = M, .by = std::vector<bool>(M)});
    if (deadlines_) {
      for (std::size_t i = 0; i < M; ++i) round.plan.shares.push_back({static_cast<int>(i), 0, {}});
      round.ended.resize(M);
    } else {
      round.plan = rounds_.plan(opened_);  // a copy: the next call may reuse it
    }
    ++opened_;
    for (; waiting_ > 0; --waiting_) there_->release();
  }

  Round oldest() const { return opened_ - static_cast<Round>(pending_.size()); }
  Pending& pending(Round k) { return pending_[static_cast<std::size_t>(k - oldest())]; }
  Ledger& books(Round k) { return k < oldest() ? ledger_ : pending(k).counted; }

  // With deadlines, nodes that are down are not waited for, if anybody has ended it.
  bool over(const Pending& round) const {
    if (round.left == 0) return true;
    if (!deadlines_ || round.left == nodes_.size()) return false;
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const Node& node) {
      return round.by[static_cast<std::size_t>(node.number)] || Outages::missing(*node.self);
    });
  }

  void close_round(Round k) {
    Pending& round = pending_.front();
    ledger_ += round.counted;
    if (auto* energy = simulation_.energy()) ledger_.energy_j = energy->joules();
    if (timeline_ && timeline_->wants(k)) {
      for (const Node& node : nodes_)
        if (node.task.now) tasks_.tell(node.task, false);
      tasks_.write_round(k, began_, couriers_);
    }
    if (deadlines_) {
      for (const Node& node : nodes_)
        if (const auto i = static_cast<std::size_t>(node.number); !round.by[i]) round.ended[i] = state_of(node);
      rounds_.history->add(std::move(round.plan), models_of(round.ended));
    }
    pending_.pop_front();
  }

  void begin_row(Round k) {
    simulation_.begin_round();
    began_ = now();
    if (timeline_ && timeline_->wants(k)) timeline_->begin_round(began_);
  }

  void check_alive() const {
    if (!error_.empty()) throw RunError(error_);
    const auto gone = [](const Node& node) {
      const Component* missing = Outages::missing(*node.self);
      return missing && missing->gone;
    };
    if (std::all_of(nodes_.begin(), nodes_.end(), gone))
      throw RunError(fmt::format("every node is down for good at {} s: the simulation cannot go on", now()));
  }

  // What a node does.

  void live(Node& node) {
    for (;;) {
      await_round(node.k);
      node.deadline = now() + cluster_.conditions.timeout;
      if (deadlines_) do_mathematics(node);
      compute(node);
      send(node);
      listen(node);
      end(node);
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

  Peer& peer_of(const Node& node) const { return *rounds_.method->peers[static_cast<std::size_t>(node.number)]; }
  PeerState state_of(const Node& node) const { return {peer_of(node).model(), peer_of(node).share()}; }
  RoundPlan::Share& share(const Node& node) {
    return pending(node.k).plan.shares[static_cast<std::size_t>(node.number)];
  }

  void do_mathematics(Node& node) {
    Peer& peer = peer_of(node);
    const Message* said = peer.send(node.k);
    node.said = said ? std::make_shared<const Message>(*said) : nullptr;
    share(node) = {node.number, peer.flops(), said ? std::optional(said->bits) : std::nullopt};
  }

  // A round may be over before a node that was down has computed: what it says then comes late.
  void compute(Node& node) {
    const RoundPlan::Share own = share(node);
    node.bits = own.upload_bits;
    const double flops = own.flops * cluster_.conditions.slowdown(node.number, node.k);
    for (int failures = 0;; ++failures) {
      const double start = now();
      if (flops > 0 ? tasks_.compute(node.task, node.host, flops, *node.self) : !Outages::missing(*node.self)) {
        Ledger& counted = books(node.k);
        counted.compute_s += simulation_.varying_speeds() ? now() - start : flops / node.host->get_speed();
        counted.flops += own.flops;
        return;
      }
      ++*ledger_.lost;
      await(node, failures);
    }
  }

  // Returns when the node is up again, if ever.
  void await(const Node& node, int failures) {
    const auto way = outages_.await(*node.self);
    if (way == Outages::Way::open && failures < most_failures) return;
    if (!deadlines_ || way == Outages::Way::open) fail(hindrance(node.number, *node.self, way, failures));
    sg::this_actor::suspend();
  }

  void send(Node& node) {
    const auto bytes = cluster_.wire.message_bytes(node.bits).value_or(0);
    for (const int to : rounds_.graph->at(node.k).out[static_cast<std::size_t>(node.number)]) {
      Courier& courier = idle();
      courier.from = node.number;
      courier.to = to;
      courier.k = node.k;
      courier.bytes = bytes;
      courier.bits = node.bits;
      courier.said = node.said;
      courier.ready->release();
    }
  }

  // With a deadline: what arrives at it is in time, so actors that are due at this very moment have their turns first.
  // A node that is down ends no round.
  void listen(Node& node) {
    const auto& senders = rounds_.graph->at(node.k).in[static_cast<std::size_t>(node.number)];
    const auto all_settled = [&] {
      return std::all_of(senders.begin(), senders.end(),
                         [&](const auto& sender) { return node.heard[sender.node].settled(node.k); });
    };
    while (!all_settled()) {
      if (!deadlines_) {
        node.news->acquire();
      } else if (node.news->acquire_timeout(std::max(0.0, node.deadline - now()) * stretch())) {
        for (int turn = 0; turn < 3; ++turn) sg::this_actor::yield();
        break;
      }
    }
    if (Outages::missing(*node.self)) await(node, 0);
    while (!node.news->would_block()) node.news->acquire();
  }

  void end(Node& node) {
    if (deadlines_) mix(node);
    for (auto& [from, heard] : node.heard) heard.forget(node.k);
    if (node.k >= oldest()) {
      Pending& round = pending(node.k);
      const auto i = static_cast<std::size_t>(node.number);
      round.by[i] = true;
      if (deadlines_) round.ended[i] = state_of(node);
      --round.left;
      bell_->release();
    }
    node.k = std::max(node.k + 1, oldest());
  }

  // For a neighbour of whom nothing has come stands what the node itself says.
  void mix(Node& node) {
    Peer& peer = peer_of(node);
    for_heard(rounds_.graph->at(node.k), node.number, [&](int from, double weight, std::size_t) {
      const auto hear = [&](Round k, int whom, const Said& said) {
        if (said) peer.hear(k, whom, weight, *said);
      };
      if (from == node.number) return hear(node.k, from, node.said);
      const Heard& heard = node.heard[from];
      if (changes_) {
        for (const auto& [k, said] : heard.messages())
          if (k <= node.k) hear(k, from, said);
        return;
      }
      const auto [k, said] = heard.best(node.k);
      if (k < 0)
        hear(node.k, node.number, node.said);
      else
        hear(k, from, said);
    });
    peer.mix(node.k);
  }

  // What a courier does.

  Courier& idle() {
    if (!idle_.empty()) {
      Courier& out = *idle_.back();
      idle_.pop_back();
      return out;
    }
    Courier& courier = couriers_.emplace_back();
    sg::add_actor(
        fmt::format("courier-{}", couriers_.size() - 1), simulation_.hosts().server,
        [this, &courier] {
          for (;; idle_.push_back(&courier)) {
            courier.ready->acquire();
            carry(courier);
            courier.said = nullptr;
          }
        },
        true);
    return courier;
  }

  // What is lost is sent again, if it can ever arrive, unless the next message says all that it said.
  void carry(Courier& courier) {
    sg::Host* const from = nodes_[static_cast<std::size_t>(courier.from)].host;
    sg::Host* const to = nodes_[static_cast<std::size_t>(courier.to)].host;
    const Outages::Needs& needs = outages_.between(from, to);
    for (int failures = 0;; ++failures) {
      if (tasks_.transfer(courier.task, from, to, courier.bytes, needs)) break;
      ++*ledger_.lost;
      const bool again = !deadlines_ || changes_;
      const auto way = again ? outages_.await(needs) : Outages::Way::gone;
      if (way == Outages::Way::open && failures < most_failures) continue;
      if (!deadlines_ || way == Outages::Way::open) fail(hindrance(courier.from, needs, way, failures));
      Node& node = nodes_[static_cast<std::size_t>(courier.to)];
      node.heard[courier.from].lost(courier.k);
      node.news->release();
      return;
    }
    books(courier.k).upload(courier.bits, cluster_.wire);
    arrive(courier);
  }

  void arrive(Courier& courier) {
    Node& node = nodes_[static_cast<std::size_t>(courier.to)];
    if (courier.k < node.k) ++*ledger_.late;
    node.heard[courier.from].arrived(courier.k, std::move(courier.said), deadlines_ && !changes_);
    node.news->release();
  }

  // Ends the simulation.
  void fail(const std::string& why) {
    error_ = why;
    bell_->release();
    sg::this_actor::suspend();
  }

  static std::string hindrance(int node, const Outages::Needs& needs, Outages::Way way, int failures) {
    if (way == Outages::Way::open)
      return fmt::format(
          "node {} has tried {} times in one round, until {} s: failures come sooner than it can end, and the "
          "simulation cannot go on",
          node, failures, now());
    if (way == Outages::Way::never_whole)
      return fmt::format(
          "the way from node {} to a neighbour fails again and again: whenever a part of it came back, another was "
          "down, until {} s, and the simulation cannot go on",
          node, now());
    const auto* component = Outages::missing(needs);
    return fmt::format(
        "{} went down for good at {} s, and \"late\": \"wait\" waits for whoever is behind it: the simulation cannot "
        "go on",
        component->name, component->since);
  }

  std::vector<Task*> all_tasks() {
    std::vector<Task*> out;
    for (Node& node : nodes_) out.push_back(&node.task);
    for (Courier& courier : couriers_) out.push_back(&courier.task);
    return out;
  }

  Simulation& simulation_;
  Outages& outages_;
  const GossipRounds& rounds_;
  const ClusterPlan& cluster_;
  Timeline* const timeline_;
  Tasks tasks_;
  const bool deadlines_;  // nodes do their own mathematics then, and exchange the encoded bytes themselves
  const bool changes_;    // whether every message must be heard, once
  std::deque<Node> nodes_;
  std::deque<Courier> couriers_;
  std::vector<Courier*> idle_;
  std::deque<Pending> pending_;  // the last is of round opened_ - 1
  Round opened_ = 0, wanted_ = 0;
  std::size_t waiting_ = 0;  // nodes that wait for a round to be opened
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0), there_ = sg::Semaphore::create(0);
  Ledger ledger_;
  std::string error_;
  double began_ = 0;
};

}  // namespace

void run_failing_nodes(const GossipRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                       Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  FailingNodes nodes(simulation, rounds, cluster, timeline);
  simulation.run([&] { nodes.keep_books(after_round); });
}

}  // namespace laconic::network
