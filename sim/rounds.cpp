#include "sim/rounds.hpp"

namespace laconic {

Learner::Learner(Method& method) : Learner(method, alone_) {}

Learner::Learner(Method& method, Crew& crew) : method_(method), crew_(crew), uploads_(method.workers.size()) {}

const RoundPlan& Learner::round(Round k) {
  const auto bits = [](const Message* message) {
    return message ? std::optional(message->bits) : std::optional<std::uint64_t>();
  };
  Server& server = *method_.server;
  const Message* broadcast = server.broadcast(k);
  plan_.broadcast_bits = bits(broadcast);
  plan_.server_flops = server.flops();
  plan_.shares.clear();
  const std::vector<int>& participants = server.participants(k);
  crew_.each(participants.size(), flops_, [&](std::size_t i) {
    const auto m = static_cast<std::size_t>(participants[i]);
    uploads_[m] = method_.workers[m]->round(k, broadcast);
  });
  flops_ = 0;
  for (const int m : participants) {
    const auto at = static_cast<std::size_t>(m);
    plan_.shares.push_back({m, method_.workers[at]->flops(), bits(uploads_[at])});
    flops_ += plan_.shares.back().flops;
  }
  for (const auto& share : plan_.shares)
    if (const Message* upload = uploads_[static_cast<std::size_t>(share.m)]) server.receive(share.m, *upload);
  server.finish_round(k);
  const Message* verdict = server.verdict(k);
  plan_.verdict_bits = bits(verdict);
  if (verdict)
    for (auto& worker : method_.workers) worker->close(k, *verdict);
  return plan_;
}

std::string timing_key(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  constexpr std::uint64_t none = ~std::uint64_t{0};
  std::string key;
  key.reserve(16 + 20 * plan.shares.size());
  const auto add = [&](const auto& value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  add(plan.server_flops);
  add(order_bits.value_or(none));
  for (const auto& share : plan.shares) {
    add(share.m);
    add(share.flops);
    add(share.upload_bits.value_or(none));
  }
  return key;
}

}  // namespace laconic
