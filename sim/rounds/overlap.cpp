#include "sim/rounds/overlap.hpp"

#include <algorithm>
#include <utility>

#include "sim/rounds/collectives/collective.hpp"

namespace laconic::rounds {

std::vector<UploadPart> buckets_of(const std::vector<UploadPart>& parts, const Overlap& overlap) {
  std::vector<UploadPart> out;
  bool open = false;
  for (const auto& part : parts) {
    if (open) {
      UploadPart& bucket = out.back();
      bucket = {part.ready, std::min(bucket.first, part.first), bucket.length + part.length, bucket.bits + part.bits};
    } else {
      out.push_back(part);
    }
    const auto size = static_cast<std::uint64_t>(out.back().length) * static_cast<std::uint64_t>(overlap.real_bytes);
    open = size < (out.size() == 1 ? overlap.first_bucket : overlap.bucket);
  }
  if (!out.empty()) out.back().ready = 1;
  return out;
}

bool sums_whole(const SumCode& sum, const Collective* collective) {
  return collective && collective->adds_up() && sum.grows();
}

PlanRound overlapped(PlanRound plan_round, const Overlap& overlap, const Collective* collective) {
  return [plan_round = std::move(plan_round), overlap, collective, plan = RoundPlan(),
          known = std::vector<UploadPart>()](Round k) mutable -> const RoundPlan& {
    const RoundPlan& given = plan_round(k);
    if (given.parts != plan.parts) known = buckets_of(given.parts, overlap);
    plan = given;
    if (known.size() > 1 && plan.more.empty() && !sums_whole(plan.sum, collective)) plan.buckets = known;
    return plan;
  };
}

}  // namespace laconic::rounds
