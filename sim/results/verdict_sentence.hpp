#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/results/verdict.hpp"

namespace laconic::results {

/// "A, B and C"
std::string listed(const std::vector<std::string>& words);

/// The words around a verdict's own.
struct SentenceWords {
  std::string reached;                        ///< "reached loss gap ≤ 1"
  std::function<std::string(double)> amount;  ///< a cost: "66.0 s"
  std::string many;                           ///< times as "long", or "many"
  std::string nearest = {};                   ///< where nobody arrives: "nearest GD with 0.115"
};

/// The verdict in a sentence, which begins with a small letter where a label does not begin it.
std::string sentence(const Decision& verdict, const SentenceWords& words);

}  // namespace laconic::results
