#include "sim/rounds/gossip.hpp"

namespace laconic::rounds {

using namespace graphs;

PeerLearner::Models models_of(const PeerMethod& method) {
  const auto M = static_cast<double>(method.peers.size());
  PeerLearner::Models out;
  Vector mean_model = Vector::Zero(method.peers.front()->model().size());
  out.mean = mean_model;
  for (const auto& peer : method.peers) {
    out.mean += peer->share() / M;
    mean_model += peer->model() / M;
  }
  for (const auto& peer : method.peers) out.consensus += (peer->model() - mean_model).squaredNorm() / M;
  return out;
}

PeerLearner::PeerLearner(PeerMethod& method, const Graph& graph, ThreadTeam* team)
    : method_(method), graph_(graph), team_(team ? *team : alone_), messages_(method.peers.size()) {
  models_.push_back(models_of(method));
  plans_.emplace_back();
}

const RoundPlan& PeerLearner::round(Round k) {
  const std::size_t M = method_.peers.size();
  const Phase& graph = graph_.at(k);
  team_.each(M, flops_, [&](std::size_t i) { messages_[i] = method_.peers[i]->send(k); });
  team_.each(M, flops_, [&](std::size_t i) {
    Peer& peer = *method_.peers[i];
    const auto hear = [&](std::size_t from, double weight) {
      if (messages_[from]) peer.hear(k, static_cast<int>(from), weight, *messages_[from]);
    };
    bool self = false;
    for (const auto& [node, weight] : graph.in[i]) {
      if (!self && node > static_cast<int>(i)) hear(i, graph.own[i]), self = true;
      hear(static_cast<std::size_t>(node), weight);
    }
    if (!self) hear(i, graph.own[i]);
    peer.mix(k);
  });
  RoundPlan& plan = plans_.emplace_back();
  flops_ = 0;
  for (std::size_t i = 0; i < M; ++i) {
    const auto bits = messages_[i] ? std::optional(messages_[i]->bits) : std::nullopt;
    plan.shares.push_back({static_cast<int>(i), method_.peers[i]->flops(), bits});
    flops_ += plan.shares.back().flops;
  }
  models_.push_back(models_of(method_));
  return plan;
}

void PeerLearner::forget(Round rounds) {
  for (; first_ < rounds; ++first_) {
    models_.pop_front();
    plans_.pop_front();
  }
}

void count_gossip(const RoundPlan& plan, const Phase& graph, const WireRules& wire, Ledger& ledger) {
  for (const auto& share : plan.shares) {
    ledger.flops += share.flops;
    const auto degree = graph.out[static_cast<std::size_t>(share.m)].size();
    for (std::size_t i = 0; i < degree; ++i) ledger.upload(share.upload_bits, wire);
  }
}

void run_untimed(const GossipRounds& rounds, const WireRules& wire, const AfterRound& after_round) {
  static constexpr double no_time = -1;
  Ledger ledger;
  if (!after_round(0, no_time, ledger)) return;
  for (Round k = 0;; ++k) {
    count_gossip(rounds.plan(k), rounds.graph->at(k), wire, ledger);
    if (!after_round(k + 1, no_time, ledger)) return;
  }
}

}  // namespace laconic::rounds
