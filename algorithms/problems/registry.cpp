#include "algorithms/problems/registry.hpp"

#include "algorithms/problems/functions.hpp"
#include "algorithms/problems/least_squares.hpp"
#include "algorithms/problems/logistic.hpp"
#include "algorithms/problems/neural.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "algorithms/problems/smooth_svm.hpp"
#include "algorithms/problems/softmax.hpp"
#include "algorithms/problems/workload.hpp"

namespace laconic::problems {

std::span<const ProblemEntry> problems() {
  static const ProblemEntry table[] = {
      {"least-squares", least_squares, "linear regression: (x'theta - y)^2 / 2"},
      {"logistic", logistic,
       "l2-regularised logistic regression, two classes: log(1 + exp(-y x'theta)) + (l2/2) ||theta||^2"},
      {"neural", neural, "a neural network, built in or exported from PyTorch; needs libtorch"},
      {"quadratic", quadratic,
       "(theta - c_m)' A (theta - c_m) / 2, A of a given spectrum, minima apart at will; needs no data"},
      {"ridge", ridge, "linear regression, regularised: (x'theta - y)^2 / 2 + (l2/2) ||theta||^2"},
      {"smooth-svm", smooth_svm,
       "support vectors, two classes: the hinge max(0, 1 - y x'theta), its corner rounded, + (l2/2) ||theta||^2"},
      {"softmax", softmax, "multi-class logistic regression, + (l2/2) ||theta||^2"},
      {"toy", toy, "functions on which papers derive their examples: (a/2) ||x||^2, x^2 + 3 sin^2 x; needs no data"},
      {"workload", workload,
       "layers and the time of a step, by measurement or of a published network: sizes and times alone, nothing is "
       "learned; needs no data"},
  };
  return table;
}

}  // namespace laconic::problems
