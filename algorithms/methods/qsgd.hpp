#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline constexpr MethodDoc qgd_doc{
    .title = "Quantised gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  sends Q_b(grad f_m(theta^k))
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m Q_b(grad f_m(theta^k))      ("sum": sum_m))",
    .differences = "none.",
    .bits = "w + b d",
    .citation = "Alistarh, Grubic, Li, Tomioka, Vojnovic: \"QSGD\", NeurIPS 2017",
};

inline Method qgd(const Setup& s, Params& in) { return compose(s, in, {.compressor = "qsgd"}); }

inline constexpr MethodDoc qsgd_doc{
    .title = "Quantised stochastic gradient descent",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k, sends Q_b(grad l(theta^k; xi_m^k))
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m Q_b(grad l(theta^k; xi_m^k))      ("sum": sum_m))",
    .differences = "The levels travel in b bits each, not in Elias codes.",
    .bits = "w + b d",
    .citation = "Alistarh, Grubic, Li, Tomioka, Vojnovic: \"QSGD\", NeurIPS 2017",
};

inline Method qsgd_method(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "qsgd", .step = nullptr});
}

inline constexpr MethodDoc terngrad_doc{
    .title = "TernGrad: gradients of -1, 0 and 1",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k, g = grad l(theta^k; xi_m^k), s = max_i |g_i|
           sends s and t in {-1, 0, 1}^d, t_i = sign(g_i) with probability |g_i| / s
server:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m s_m t_m      ("sum": sum_m))",
    .differences = "No layer-wise scales, no clipping, no scale shared by the workers. t_i travels in 2 bits.",
    .bits = "w + 2 d",
    .citation = "Wen, Xu, Yan, Wu, Wang, Chen, Li: \"TernGrad\", NeurIPS 2017, Algorithm 1",
};

inline Method terngrad_method(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "terngrad", .step = nullptr});
}

}  // namespace laconic::methods
