#include "algorithms/problems/registry.hpp"

#include "algorithms/problems/functions.hpp"
#include "algorithms/problems/logistic.hpp"

namespace laconic {

std::span<const ProblemEntry> problems() {
  static const ProblemEntry table[] = {
      {"logistic", logistic,
       "l2-regularised logistic regression, two classes: log(1 + exp(-y x'theta)) + (l2/2) ||theta||^2"},
      {"toy", toy, "functions on which papers derive their examples: (a/2) ||x||^2, x^2 + 3 sin^2 x; needs no data"},
  };
  return table;
}

}  // namespace laconic
