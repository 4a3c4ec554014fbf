#pragma once

#include <memory>

#include "algorithms/core/oracle.hpp"

namespace laconic::data {

/// All samples, every round.
std::unique_ptr<Sampler> full_batches(Index n);

/// b of n samples, uniformly without replacement, independently every round.
std::unique_ptr<Sampler> uniform_batches(Index n, Index b, std::uint64_t seed, int m);

/// Round k takes samples (k b .. k b + b - 1) mod n.
std::unique_ptr<Sampler> cyclic_batches(Index n, Index b);

}  // namespace laconic::data
