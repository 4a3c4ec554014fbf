#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

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

inline constexpr MethodDoc sign_adagrad_norm_a_doc{
    .title = "AdaGrad-norm's step along the sign, its norm that of the gradients",
    .box = R"(server sends theta^k to all workers
worker m:  g_m = grad f_m(theta^k), sends sign(g_m) and ||g_m||^2
server:    b_{k+1}^2 = b_k^2 + sum_m ||g_m||^2
           theta^{k+1} = theta^k - (gamma_k / b_{k+1}) sum_m sign(g_m)      ("mean": (1/M) sum_m, twice))",
    .differences = "SCALED states it for one worker; with several, norms are added or averaged as the signs are.",
    .bits = "d + w",
    .citation = "SCALED, equation (6)",
};

inline Method sign_adagrad_norm_a(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "sign", .update = "gradient-adagrad-norm", .step = nullptr});
}

inline constexpr MethodDoc sign_adagrad_norm_b_doc{
    .title = "AdaGrad-norm on signs",
    .box = R"(server sends theta^k to all workers
worker m:  sends sign(grad f_m(theta^k))
server:    G = sum_m sign(grad f_m(theta^k))      ("mean": (1/M) sum_m)
           b_{k+1}^2 = b_k^2 + ||G||^2
           theta^{k+1} = theta^k - (gamma_k / b_{k+1}) G)",
    .differences = "With one worker ||G||^2 = d, so that b_k^2 = b_0^2 + k d.",
    .bits = "d",
    .citation = "SCALED, equation (9)",
};

inline Method sign_adagrad_norm_b(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "sign", .update = "adagrad-norm", .step = nullptr});
}

}  // namespace laconic::methods
