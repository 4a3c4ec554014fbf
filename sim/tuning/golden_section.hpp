#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "sim/tuning/trials.hpp"

namespace laconic::tuning {

/// Looks for better values between the neighbours of the best that were tried: one parameter after the other, by golden
/// section in its logarithm (Kiefer, Sequential minimax search for a maximum, 1953), the others at their best so far.
class GoldenSection {
 public:
  /// `trials`: those of the entry's own values.
  GoldenSection(const scenario::TunedEntry& entry, const std::vector<Trial>& trials);

  /// What to try next; nothing where that was tried already, for all parameters.
  std::optional<std::vector<nlohmann::json>> propose(const std::vector<Trial>& trials);
  /// Hears how that went, which stands last among the trials.
  void learn(const std::vector<Trial>& trials);

 private:
  struct Bracket {
    std::size_t parameter;
    double low, high;  // logarithms
  };
  std::vector<Bracket> brackets_;
  std::size_t next_ = 0;  // of the brackets
  double at_ = 0, tried_ = 0;
};

}  // namespace laconic::tuning
