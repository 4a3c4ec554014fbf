#include "sim/rounds/learner.hpp"

#include "sim/rounds/collectives/collective.hpp"

namespace laconic::rounds {
namespace {

std::optional<std::uint64_t> payload_of(const Message* message) {
  return message ? std::optional(message->bits) : std::nullopt;
}

}  // namespace

Learner::Learner(Method& method, const Collective* collective, ThreadTeam* team)
    : method_(method), collective_(collective), team_(team ? *team : alone_), uploads_(method.workers.size()) {
  plan_.parts = method.uploads.parts;
}

const RoundPlan& Learner::round(Round k) {
  begin(k, {});
  Server& server = *method_.server;
  receive(k, plan_);
  if (collective_ && collective_->adds_up()) measure_sums(k);
  std::size_t further = 0;
  for (const Message* down; (down = server.next_exchange(k)); ++further) {
    if (further == plan_.more.size()) plan_.more.emplace_back();
    learn_exchange(k, *down, plan_.more[further]);
    if (collective_ && collective_->adds_up()) plan_.more[further].sum = method_.uploads.further.at(further);
  }
  plan_.more.resize(further);
  server.finish_round(k);
  if (const Message* vote_down = server.vote_down(k)) {
    plan_.vote_bits = vote_down->bits;
    for (auto& worker : method_.workers) worker->close(k, *vote_down);
  }
  return plan_;
}

void Learner::receive(Round k, const RoundPlan& exchange) {
  for (const auto& share : exchange.shares) {
    if (!share.upload_bits) continue;
    const auto m = static_cast<std::size_t>(share.m);
    method_.workers[m]->upload_decided(true);
    method_.server->receive(share.m, *uploads_[m], k);
  }
}

void Learner::learn_exchange(Round k, const Message& down, RoundPlan& exchange) {
  exchange.broadcast_bits = down.bits;
  team_.each(present_.size(), flops_, [&](std::size_t i) {
    const auto at = static_cast<std::size_t>(present_[i]);
    uploads_[at] = method_.workers[at]->answer(k, down);
  });
  exchange.shares.clear();
  for (const int m : present_) {
    const auto at = static_cast<std::size_t>(m);
    exchange.shares.push_back({m, method_.workers[at]->flops(), payload_of(uploads_[at])});
  }
  receive(k, exchange);
}

const RoundPlan& Learner::begin(Round k, const std::vector<bool>& away) {
  Server& server = *method_.server;
  const Message* broadcast = server.broadcast(k);
  plan_.broadcast_bits = payload_of(broadcast);
  plan_.server_flops = server.flops();
  if (!collective_ || !collective_->adds_up()) plan_.server_flops += server.decoding_flops();
  plan_.vote_bits.reset();
  plan_.shares.clear();
  plan_.absent.clear();
  present_.clear();
  for (const int m : server.participants(k)) {
    const bool gone = !away.empty() && away[static_cast<std::size_t>(m)];
    (gone ? plan_.absent : present_).push_back(m);
  }
  team_.each(present_.size(), flops_, [&](std::size_t i) {
    const auto at = static_cast<std::size_t>(present_[i]);
    uploads_[at] = method_.workers[at]->round(k, broadcast);
  });
  flops_ = 0;
  for (const int m : present_) {
    const auto at = static_cast<std::size_t>(m);
    plan_.shares.push_back({m, method_.workers[at]->flops(), payload_of(uploads_[at])});
    flops_ += plan_.shares.back().flops;
  }
  return plan_;
}

void Learner::measure_sums(Round k) {
  plan_.sum = method_.uploads.code(k);
  plan_.partial_bits.clear();
  plan_.measured_in = 0;
  if (!plan_.sum.grows()) return;
  plan_.measured_in = collective_->arrangement;
  entries_.resize(plan_.shares.size());
  for (std::size_t m = 0; m < entries_.size(); ++m) {
    entries_[m].clear();
    if (uploads_[m]) method_.uploads.entries(k, static_cast<int>(m), *uploads_[m], entries_[m]);
  }
  plan_.partial_bits = collective_->partial_bits(plan_, entries_);
}

void Learner::end(Round k, const std::vector<Arrival>& arrivals, bool step) {
  for (const auto& arrival : arrivals) {
    const auto m = static_cast<std::size_t>(arrival.m);
    method_.workers[m]->upload_decided(arrival.taken);
    if (arrival.taken) method_.server->receive(arrival.m, *uploads_[m], arrival.sent);
  }
  if (step) method_.server->finish_round(k);
}

}  // namespace laconic::rounds
