#pragma once

#include "algorithms/methods/compose.hpp"

// SCALED: Li, Lin, Li, Hong, Chen: "On faster convergence of scaled sign gradient descent".

namespace laconic::methods {

inline constexpr MethodDoc scaled_signgd_doc{
    .title = "Scaled sign gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  g_m = grad f_m(theta^k), sends ||g_m||_1 sign(g_m)
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m ||g_m||_1 sign(g_m))",
    .differences = "sign(0) = +1, as one bit cannot say zero.",
    .bits = "w + d",
    .citation = "SCALED, Algorithm 1",
};

inline constexpr MethodDoc scaled_signsgd_doc{
    .title = "Scaled sign stochastic gradient descent",
    .box = "as scaled-signgd, with g_m = grad l(theta^k; xi_m^k) on a mini-batch xi_m^k",
    .differences = "sign(0) = +1, as one bit cannot say zero.",
    .bits = "w + d",
    .citation = "SCALED, Algorithm 2",
};

inline constexpr MethodDoc scaled_majority_vote_doc{
    .title = "Scaled sign stochastic gradient descent with majority vote",
    .box = R"(worker m:  draws xi_m^k, g_m = grad l(theta^k; xi_m^k), sends sign(g_m) and ||g_m||_1
server:    sends V = sign(sum_m sign(g_m)) and a = (1/M) sum_m ||g_m||_1 to all workers
everybody: theta^{k+1} = theta^k - gamma_k a V)",
    .differences =
        "sign(0) = +1, and so is a tie. Workers keep their copies of theta: the vote alone goes down, w + d bits.",
    .bits = "w + d",
    .citation = "SCALED, Algorithm 3",
    .down = "w + d",
};

inline Method scaled_signgd(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "l1-sign", .aggregate = "mean", .step = nullptr});
}
inline Method scaled_signsgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "l1-sign", .aggregate = "mean", .step = nullptr});
}
inline Method scaled_majority_vote_method(const Setup& s, Params& in) {
  return compose(s, in,
                 {.stochastic = true, .compressor = "l1-sign", .aggregate = "scaled-majority-vote", .step = nullptr});
}

}  // namespace laconic::methods
