#include "sim/rounds.hpp"

namespace laconic {

Learner::Learner(Method& method) : method_(method), uploads_(method.workers.size()) {}

const RoundPlan& Learner::round(Round k) {
  const auto bits = [](const Message* message) {
    return message ? std::optional(message->bits) : std::optional<std::uint64_t>();
  };
  Server& server = *method_.server;
  const Message* broadcast = server.broadcast(k);
  plan_.broadcast_bits = bits(broadcast);
  plan_.server_flops = server.flops();
  plan_.shares.clear();
  for (const int m : server.participants(k)) {
    Worker& worker = *method_.workers[static_cast<std::size_t>(m)];
    const Message* upload = uploads_[static_cast<std::size_t>(m)] = worker.round(k, broadcast);
    plan_.shares.push_back({m, worker.flops(), bits(upload)});
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
