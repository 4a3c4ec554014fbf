#include "sim/network/simulated/exchanging_nodes.hpp"

#include <deque>
#include <string>
#include <utility>

#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/timeline/timeline.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

class ExchangingNodes {
 public:
  ExchangingNodes(Simulation& simulation, ExchangeMethod& method, const ClusterPlan& cluster,
                  const AfterRound& after_exchange, Timeline* timeline)
      : simulation_(simulation),
        wire_(cluster.wire),
        slowdown_(cluster.conditions.slowdown()),
        after_exchange_(after_exchange),
        timeline_(timeline) {
    ledger_.iterations = 0;
    if (simulation.energy()) ledger_.energy_j = 0;
    for (std::size_t i = 0; i < method.peers.size(); ++i) {
      const std::string name = "node-" + std::to_string(i);
      Node& node = nodes_.emplace_back();
      node.number = static_cast<int>(i);
      node.peer = method.peers[i].get();
      node.host = simulation.hosts().workers[i];
      node.inbox = sg::Mailbox::by_name(name);
    }
    for (Node& node : nodes_) {
      const std::string name = node.inbox->get_name();
      sg::add_actor(
          name + "-answers", node.host, [this, &node] { answer_neighbours(node); }, true);
      sg::add_actor(
          name, node.host, [this, &node] { live(node); }, true);
    }
  }

  /// What the server's actor does, which stands for nobody here.
  void await_end() {
    begin_row();
    if (after_exchange_(0, 0, ledger_)) {
      start_->release();
      bell_->acquire();
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  struct Sent {
    int from;
    bool offer;
    Message message;
    double since;
    bool taken = false;
  };
  struct Node {
    int number = 0;
    ExchangingPeer* peer = nullptr;
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    sg::SemaphorePtr answered = sg::Semaphore::create(0);
    Message answer;
    std::deque<std::pair<sg::CommPtr, std::unique_ptr<Sent>>> sent;  // transfers that have perhaps not arrived yet
    double compute_s = 0, flops = 0;
  };

  void live(Node& node) {
    start_->acquire();
    start_->release();  // the next one, too
    for (Round j = 0; !over_; ++j) {
      compute(node, j);
      const auto partner = node.peer->partner(j);
      if (partner) {
        send(node, nodes_[static_cast<std::size_t>(*partner)], true, *node.peer->offer(j));
        node.answered->acquire();
      }
      node.peer->finish(j, partner ? &node.answer : nullptr);
      end_exchange(node);
    }
  }

  void answer_neighbours(Node& node) {
    node.inbox->set_receiver(sg::Actor::self());  // messages flow as soon as they are sent
    for (;;) {
      Sent& got = *node.inbox->get<Sent>();
      Node& from = nodes_[static_cast<std::size_t>(got.from)];
      if (timeline_) timeline_->carried(from.host, node.host, got.since, now());
      if (got.offer) {
        send(node, from, false, *node.peer->answer(got.message));
      } else {
        node.answer = got.message;
        node.answered->release();
      }
      got.taken = true;
    }
  }

  void compute(Node& node, Round j) {
    node.peer->begin(j);
    node.flops = node.peer->flops();
    const double flops = node.flops * (slowdown_ ? slowdown_(node.number, j) : 1), start = now();
    if (flops > 0) execute(flops);
    if (timeline_ && flops > 0) timeline_->computed(node.host, start, now());
    node.compute_s = simulation_.varying_speeds() ? now() - start : flops / node.host->get_speed();
  }

  void send(Node& node, Node& to, bool offer, const Message& message) {
    // SimGrid 3.32 keeps an actor's transfers in a list, which is searched at each one's end, until they are waited
    // for.
    while (!node.sent.empty() && node.sent.front().second->taken) {
      const sg::CommPtr over = node.sent.front().first;
      node.sent.pop_front();
      over->wait();
    }
    const auto bytes = wire_.bytes(message.bits);
    auto copy = std::make_unique<Sent>(Sent{node.number, offer, message, now()});
    auto comm = to.inbox->put_async(copy.get(), stretched_bytes(bytes));
    node.sent.emplace_back(std::move(comm), std::move(copy));
    if (auto* energy = simulation_.energy()) energy->carried(node.host, to.host, static_cast<double>(bytes));
    message_bits_ = message.bits;
  }

  void end_exchange(const Node& node) {
    if (over_) return;
    if (nodes_.size() > 1)
      for (int i = 0; i < 2; ++i) ledger_.upload(message_bits_, wire_);
    ledger_.flops += node.flops;
    ledger_.compute_s += node.compute_s;
    ledger_.iterations = ++steps_ / static_cast<Round>(nodes_.size());
    if (auto* energy = simulation_.energy()) ledger_.energy_j = energy->joules();
    end_row();
    try {
      over_ = !after_exchange_(steps_, now(), ledger_);
    } catch (...) {  // must not leave the actor's stack
      error_ = std::current_exception();
      over_ = true;
    }
    if (over_)
      bell_->release();
    else
      begin_row();
  }

  void begin_row() {
    simulation_.begin_round();
    began_ = now();
    if (timeline_ && timeline_->wants(steps_)) timeline_->begin_round(began_);
  }
  void end_row() {
    if (timeline_ && timeline_->wants(steps_ - 1)) timeline_->write(steps_ - 1, began_, *timeline_->end_round(now()));
  }

  Simulation& simulation_;
  const WireRules& wire_;
  const std::function<double(int m, Round j)> slowdown_;
  const AfterRound& after_exchange_;
  Timeline* const timeline_;
  std::deque<Node> nodes_;
  Ledger ledger_;
  Round steps_ = 0;
  std::uint64_t message_bits_ = 0;
  bool over_ = false;
  std::exception_ptr error_;
  sg::SemaphorePtr start_ = sg::Semaphore::create(0), bell_ = sg::Semaphore::create(0);
  double began_ = 0;
};

}  // namespace

void run_exchanging_nodes(ExchangeMethod& method, const ClusterPlan& cluster, const AfterRound& after_exchange,
                          Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  ExchangingNodes nodes(simulation, method, cluster, after_exchange, timeline);
  simulation.run([&] { nodes.await_end(); });
}

}  // namespace laconic::network
