#include "sim/rounds/round_plan.hpp"

namespace laconic::rounds {

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
  if (plan.sum.adds == Adds::not_at_all) return key;
  add(plan.sum.adds);
  add(plan.vote_bits.value_or(none));
  for (const auto bits : plan.partial_bits) add(bits);
  return key;
}

}  // namespace laconic::rounds
