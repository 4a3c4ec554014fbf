#include "sim/network/conditions.hpp"

#include <algorithm>

#include "algorithms/base/random.hpp"

namespace laconic::network {

double Stragglers::slowdown(int m, Round k) const {
  const auto worker = static_cast<std::size_t>(m);
  if (!trace.empty()) return trace[static_cast<std::size_t>(k) % trace.size()][worker];
  if (!who[worker]) return 1;
  Rng rng(seed, Purpose::straggler, static_cast<std::uint32_t>(m), static_cast<std::uint64_t>(k));
  if (rng.uniform() >= probability) return 1;
  return std::clamp(factor.draw(rng), 1e-6, 1e6);
}

}  // namespace laconic::network
