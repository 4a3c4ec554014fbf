#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic {

inline constexpr MethodDoc adagrad_norm_doc{
    .title = "AdaGrad-norm: one adaptive step size for all coordinates",
    .box = R"(server sends theta^k to all workers
worker m:  sends grad f_m(theta^k)
server:    G = sum_m grad f_m(theta^k)      ("mean": (1/M) sum_m)
           b_{k+1}^2 = b_k^2 + ||G||^2
           theta^{k+1} = theta^k - (gamma_k / b_{k+1}) G)",
    .differences = "none.",
    .bits = "w d",
    .citation = "Ward, Wu, Bottou: \"AdaGrad stepsizes\", ICML 2019; SCALED, equation (5)",
};

inline Method adagrad_norm(const Setup& s, Params& in) {
  return compose(s, in, {.update = "adagrad-norm", .step = nullptr});
}

}  // namespace laconic
