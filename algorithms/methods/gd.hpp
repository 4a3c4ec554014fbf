#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline constexpr MethodDoc gd_doc{
    .title = "Gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  sends grad f_m(theta^k)
server:    theta^{k+1} = theta^k - gamma_k sum_m grad f_m(theta^k)      ("mean": (1/M) sum_m))",
    .differences = "none.",
    .bits = "w d",
    .citation = "LE, equation (2); LASG, equation (3)",
};

inline Method gd(const Setup& s, Params& in) { return compose(s, in, {}); }

inline constexpr MethodDoc sgd_doc{
    .title = "Stochastic gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  draws a mini-batch xi_m^k, sends grad l(theta^k; xi_m^k)
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m grad l(theta^k; xi_m^k)      ("sum": sum_m))",
    .differences = "none.",
    .bits = "w d",
    .citation = "LASG, equation (3)",
};

inline Method sgd(const Setup& s, Params& in) { return compose(s, in, {.stochastic = true, .step = nullptr}); }

}  // namespace laconic::methods
