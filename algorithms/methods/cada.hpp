#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

// CADA: Chen, Guo, Sun, Yin: "CADA: communication-adaptive distributed Adam", AISTATS 2021.

inline constexpr MethodDoc cada1_doc{
    .title = "CADA1: LASG-WK1's rule with AMSGrad at the server",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k; if k mod D = 0: theta~ = theta^k, and uploads
           delta~^k = grad l(theta^k; xi_m^k) - grad l(theta~; xi_m^k)
           silent if ||delta~^k - delta~^{k-tau}||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2
           else sends what its gradient has changed
server:    G = (1/M) sum_m (latest gradient of m)      ("sum": sum_m)
           m = b1 m + (1 - b1) G;  v = b2 v + (1 - b2) G^2;  v^ = max(v, v^);  theta^{k+1} = theta^k - gamma_k m / sqrt(v^ + eps))",
    .differences =
        "A silent worker also uploads when k mod D = 0, as in lasg-wk1. c has no default: 1/gamma^2 is LASG's, for SGD.",
    .bits = "w d",
    .citation = "Chen, Guo, Sun, Yin: \"CADA\", AISTATS 2021, CADA1",
};

inline constexpr MethodDoc cada2_doc{
    .title = "CADA2: LASG-WK2's rule with AMSGrad at the server",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k
           silent if ||grad l(theta^k; xi_m^k) - grad l(theta^{k-tau}; xi_m^k)||^2 <= (c/d_max) sum_{d=1..d_max} ||theta^{k+1-d} - theta^{k-d}||^2 and tau < D
           else sends what its gradient has changed, theta^{k-tau} = theta^k, tau = 0
server:    as cada1)",
    .differences = "c has no default: 1/gamma^2 is LASG's, for SGD.",
    .bits = "w d",
    .citation = "Chen, Guo, Sun, Yin: \"CADA\", AISTATS 2021, CADA2",
};

inline void require_c(Params& in) {
  const char* allowed = "a number that is not negative or an expression such as \"1/L\"";
  Params rule = in.part("trigger");
  if (!rule.look("c", "required", allowed, "factor of the rule's threshold")) in.fail("c", allowed);
}

inline Method cada1(const Setup& s, Params& in) {
  require_c(in);
  return compose(s, in, {.stochastic = true, .trigger = "lasg-wk1", .update = "amsgrad", .step = nullptr});
}
inline Method cada2(const Setup& s, Params& in) {
  require_c(in);
  return compose(s, in, {.stochastic = true, .trigger = "lasg-wk2", .update = "amsgrad", .step = nullptr});
}

}  // namespace laconic::methods
