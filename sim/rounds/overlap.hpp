#pragma once

#include "sim/rounds/learner.hpp"

namespace laconic::rounds {

/// Uploads in buckets, as a training system sends them: Li et al.: "PyTorch distributed", VLDB 2020, section 3.2.3.
/// Whole layers fill a bucket in the order in which the backward pass reaches them, until it has the size; a bucket
/// travels as soon as it is known, while the rest is computed.
struct Overlap {
  std::uint64_t bucket = 25 << 20;       ///< bytes of gradient, uncompressed, with which a bucket is closed
  std::uint64_t first_bucket = 1 << 20;  ///< those of the first one, for communication to begin early
  int real_bytes = 4;                    ///< bytes of an entry
};

/// The buckets of uploads that are known in these parts.
std::vector<UploadPart> buckets_of(const std::vector<UploadPart>& parts, const Overlap& overlap);

/// Whether what is summed on its way is known only as a whole, so that there are no buckets.
bool sums_whole(const SumCode& sum, const Collective* collective);

/// Rounds whose plans have buckets, where they are known in parts. One bucket is none: it is the whole upload.
PlanRound overlapped(PlanRound plan_round, const Overlap& overlap, const Collective* collective);

}  // namespace laconic::rounds
