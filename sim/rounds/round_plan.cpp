#include "sim/rounds/round_plan.hpp"

#include <bit>

namespace laconic::rounds {

std::uint64_t RoundPlan::bits_of_bucket(std::uint64_t upload_bits, std::size_t b) const {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t before = 0, own = 0, all = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    all += buckets[i].bits;
    if (i < b) before += buckets[i].bits;
    if (i == b) own = buckets[i].bits;
  }
  const auto until = [&](std::uint64_t part) { return static_cast<std::uint64_t>(Wide{upload_bits} * part / all); };
  return all == 0 ? (b == 0 ? upload_bits : 0) : until(before + own) - until(before);
}

void add_buckets(std::string& key, const RoundPlan& plan) {
  for (const auto& bucket : plan.buckets)
    for (const std::uint64_t n : {std::bit_cast<std::uint64_t>(bucket.ready), static_cast<std::uint64_t>(bucket.first),
                                  static_cast<std::uint64_t>(bucket.length), bucket.bits})
      key.append(reinterpret_cast<const char*>(&n), sizeof n);
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
  add_buckets(key, plan);
  if (plan.sum.adds == Adds::not_at_all) return key;
  add(plan.sum.adds);
  add(plan.vote_bits.value_or(none));
  for (const auto bits : plan.partial_bits) add(bits);
  return key;
}

}  // namespace laconic::rounds
