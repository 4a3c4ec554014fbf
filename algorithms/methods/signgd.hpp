#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline const nlohmann::json signgd_step = {{"type", "inverse-sqrt"}, {"c", "1/sqrt(L)"}};

inline constexpr MethodDoc signgd_doc{
    .title = "Sign gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  sends sign(grad f_m(theta^k))
server:    theta^{k+1} = theta^k - gamma_k sum_m sign(grad f_m(theta^k)),   gamma_k = 1/sqrt((k+1) L))",
    .differences = "sign(0) = +1, as one bit cannot say zero. LE counts k from 1.",
    .bits = "d",
    .citation = "LE, equation (3); Bernstein, Wang, Azizzadenesheli, Anandkumar: \"signSGD\", ICML 2018",
};

inline Method signgd(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "sign", .aggregate = "sum", .step = signgd_step});
}

inline constexpr MethodDoc signsgd_doc{
    .title = "Sign stochastic gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k, sends sign(grad l(theta^k; xi_m^k))
server:    theta^{k+1} = theta^k - gamma_k sum_m sign(grad l(theta^k; xi_m^k)))",
    .differences = "sign(0) = +1, as one bit cannot say zero. The vote's form is another method.",
    .bits = "d",
    .citation = "SCALED, equations (2) and (3); Bernstein, Wang, Azizzadenesheli, Anandkumar: \"signSGD\", ICML 2018",
};

inline Method signsgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "sign", .aggregate = "sum", .step = nullptr});
}

}  // namespace laconic::methods
