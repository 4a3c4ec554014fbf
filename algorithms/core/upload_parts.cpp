#include "algorithms/core/upload_parts.hpp"

namespace laconic {

std::vector<UploadPart> upload_parts(const Problem& problem, const std::vector<std::uint64_t>& bits, Round steps) {
  const auto layers = problem.layers();
  double passed = problem.forward;
  std::vector<UploadPart> out;
  for (std::size_t i = layers.size(); i-- > 0;) {
    const auto& layer = layers[i];
    passed += (1 - problem.forward) * layer.backward;
    out.push_back({1 - (1 - passed) / static_cast<double>(steps), layer.offset, layer.size,
                   bits.empty() ? static_cast<std::uint64_t>(layer.size) : bits[i]});
  }
  out.back().ready = 1;
  return out;
}

}  // namespace laconic
