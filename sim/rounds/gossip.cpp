#include "sim/rounds/gossip.hpp"

namespace laconic::rounds {

using namespace graphs;

namespace {

// model(i) and share(i) are node i's.
template <class Model, class Share>
PeerModels models_of(std::size_t M, const Model& model, const Share& share) {
  PeerModels out{Vector::Zero(model(0).size())};
  Vector mean_model = out.mean;
  for (std::size_t i = 0; i < M; ++i) {
    out.mean += share(i) / static_cast<double>(M);
    mean_model += model(i) / static_cast<double>(M);
  }
  for (std::size_t i = 0; i < M; ++i) out.consensus += (model(i) - mean_model).squaredNorm() / static_cast<double>(M);
  return out;
}

}  // namespace

PeerModels models_of(const PeerMethod& method) {
  const auto& peers = method.peers;
  return models_of(
      peers.size(), [&](std::size_t i) -> const Vector& { return peers[i]->model(); },
      [&](std::size_t i) -> const Vector& { return peers[i]->share(); });
}

PeerModels models_of(const ExchangeMethod& method) {
  const auto model = [&](std::size_t i) -> const Vector& { return method.peers[i]->model(); };
  return models_of(method.peers.size(), model, model);
}

PeerModels models_of(const std::vector<PeerState>& nodes) {
  return models_of(
      nodes.size(), [&](std::size_t i) -> const Vector& { return nodes[i].model; },
      [&](std::size_t i) -> const Vector& { return nodes[i].share; });
}

PeerHistory::PeerHistory(PeerModels start) {
  models_.push_back(std::move(start));
  plans_.emplace_back();
}

const RoundPlan& PeerHistory::add(RoundPlan plan, PeerModels models) {
  models_.push_back(std::move(models));
  return plans_.emplace_back(std::move(plan));
}

void PeerHistory::forget(Round rounds) {
  for (; first_ < rounds; ++first_) {
    models_.pop_front();
    plans_.pop_front();
  }
}

PeerLearner::PeerLearner(PeerMethod& method, const Graph& graph, PeerHistory& history, ThreadTeam* team)
    : method_(method), graph_(graph), history_(history), team_(team ? *team : alone_), messages_(method.peers.size()) {}

const RoundPlan& PeerLearner::round(Round k) {
  const std::size_t M = method_.peers.size();
  const Phase& graph = graph_.at(k);
  team_.each(M, flops_, [&](std::size_t i) { messages_[i] = method_.peers[i]->send(k); });
  team_.each(M, flops_, [&](std::size_t i) {
    Peer& peer = *method_.peers[i];
    for_heard(graph, static_cast<int>(i), [&](int from, double weight, std::size_t) {
      const Message* message = messages_[static_cast<std::size_t>(from)];
      if (message) peer.hear(k, from, weight, *message);
    });
    peer.mix(k);
  });
  RoundPlan plan;
  flops_ = 0;
  for (std::size_t i = 0; i < M; ++i) {
    const auto bits = messages_[i] ? std::optional(messages_[i]->bits) : std::nullopt;
    plan.shares.push_back({static_cast<int>(i), method_.peers[i]->flops(), bits});
    flops_ += plan.shares.back().flops;
  }
  return history_.add(std::move(plan), models_of(method_));
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
