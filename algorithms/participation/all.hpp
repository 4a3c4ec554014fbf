#pragma once

#include <numeric>

#include "algorithms/core/setup.hpp"

namespace laconic::participation {

/// Everybody takes part in every round.
class AllTakePart final : public Participation {
 public:
  explicit AllTakePart(int M) : all_(static_cast<std::size_t>(M)) { std::iota(all_.begin(), all_.end(), 0); }
  const std::vector<int>& choose(Round, const Vector&) override { return all_; }
  bool lazy() const override { return false; }

 private:
  std::vector<int> all_;
};

inline PerWorker<Participation> all_take_part(const Setup& s, Params&) {
  return [M = s.M()](int) { return std::make_unique<AllTakePart>(M); };
}

}  // namespace laconic::participation
