#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline constexpr MethodDoc signum_doc{
    .title = "SIGNUM: the sign of momentum",
    .box = R"(server sends theta^k to all workers
worker m:  m_m = beta m_m + (1 - beta) grad f_m(theta^k), sends sign(m_m)
server:    theta^{k+1} = theta^k - gamma_k sum_m sign(m_m)      ("mean": (1/M) sum_m)
           or, with "aggregate": "majority-vote", sends V = sign(sum_m sign(m_m)) down, and everybody theta -= gamma_k V)",
    .differences = "sign(0) = +1, and so is a tie.",
    .bits = "d",
    .citation =
        "Bernstein, Wang, Azizzadenesheli, Anandkumar: \"signSGD\", ICML 2018; Bernstein, Zhao, Azizzadenesheli, "
        "Anandkumar: \"signSGD with majority vote is communication efficient and fault tolerant\", ICLR 2019",
};

inline Method signum(const Setup& s, Params& in) {
  return compose(s, in, {.momentum = 0.9, .compressor = "sign", .step = nullptr});
}

}  // namespace laconic::methods
