#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline constexpr MethodDoc ef_signgd_doc{
    .title = "Sign gradient descent with error feedback",
    .box = R"(server sends theta^k to all workers
worker m:  p_m = grad f_m(theta^k) + e_m^k
           sends C(p_m) = (||p_m||_1 / d) sign(p_m)
           e_m^{k+1} = p_m - C(p_m)
server:    theta^{k+1} = theta^k - gamma_k sum_m C(p_m)      ("mean": (1/M) sum_m))",
    .differences = "e is updated with the decoded message, so that float32 rounding is fed back too.",
    .bits = "w + d",
    .citation = "LE, Algorithm 1; Karimireddy, Rebjock, Stich, Jaggi: \"Error feedback fixes SignSGD\", ICML 2019",
};

inline Method ef_signgd(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "scaled-sign", .memory = "error-feedback"});
}

inline constexpr MethodDoc ef_signsgd_doc{
    .title = "Sign stochastic gradient descent with error feedback",
    .box = R"(as ef-signgd, with p_m = grad l(theta^k; xi_m^k) + e_m^k on a mini-batch xi_m^k)",
    .differences = "The step stays at the server (LE's form); \"memory\": \"scaled-error-feedback\" is SCALED's (12).",
    .bits = "w + d",
    .citation =
        "SCALED, equation (12); Karimireddy, Rebjock, Stich, Jaggi: \"Error feedback fixes SignSGD\", ICML 2019"};

inline Method ef_signsgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "scaled-sign", .memory = "error-feedback", .step = nullptr});
}

}  // namespace laconic::methods
