#pragma once

#include "algorithms/methods/compose.hpp"

// AMSGrad at the server, compressed gradients on the way up. SPARS: "Sparsified Distributed Adaptive Learning with
// Error Feedback".

namespace laconic::methods {

inline constexpr MethodDoc amsgrad_doc{
    .title = "Distributed AMSGrad",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k, sends g_m = grad l(theta^k; xi_m^k)
server:    g = (1/M) sum_m g_m;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  v^ = max(v, v^)
           theta^{k+1} = theta^k - gamma_k m / sqrt(v^ + eps))",
    .differences = "eps stands inside the root, as in SPARS.",
    .bits = "w d",
    .citation = "Reddi, Kale, Kumar: \"On the convergence of Adam and beyond\", ICLR 2018; SPARS, lines 12-16",
};

inline constexpr MethodDoc spars_ams_doc{
    .title = "SPARS-AMS: top-k gradients with error feedback, AMSGrad at the server",
    .box = R"(server sends theta^k to all workers
worker m:  draws xi_m^k, p = grad l(theta^k; xi_m^k) + e_m, sends TopK(p), e_m = p - TopK(p)
server:    g = (1/M) sum_m TopK(p_m);  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  v^ = max(v, v^)
           theta^{k+1} = theta^k - gamma_k m / sqrt(v^ + eps))",
    .differences = "none. With one worker it is SPARS's Algorithm 2.",
    .bits = "k (w + i)",
    .citation = "SPARS, Algorithm 1",
};

inline constexpr MethodDoc topk_ams_doc{
    .title = "Top-k gradients without error feedback, AMSGrad at the server",
    .box = "as spars-ams, with e_m = 0",
    .differences = "none.",
    .bits = "k (w + i)",
    .citation = "SPARS, Figure 1",
};

inline constexpr MethodDoc stoc_mv_ams_doc{
    .title = "Minimal-variance random sparsification, AMSGrad at the server",
    .box = "as spars-ams, with Stoc-MV in place of TopK and e_m = 0",
    .differences = "none.",
    .bits = "n (w + i) + 32",
    .citation = "SPARS, Figure 1; Wangni, Wang, Liu, Zhang: \"Gradient sparsification\", NeurIPS 2018",
};

inline constexpr MethodDoc stoc_unif_ams_doc{
    .title = "Uniform random sparsification, AMSGrad at the server",
    .box = "as spars-ams, with k uniformly drawn entries, times d/k, in place of TopK and e_m = 0",
    .differences = "none.",
    .bits = "w k",
    .citation = "SPARS, Figure 1",
};

inline constexpr MethodDoc qadam_doc{
    .title = "Quantised Adam with error feedback: every worker takes its own Adam step and sends that",
    .box = R"(server sends x^k to all workers
worker m:  draws xi_m^k, g = grad l(x^k; xi_m^k);  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
           p = gamma_k m / sqrt(v + eps) + e_m, sends Q(p), e_m = p - Q(p)
server:    x^{k+1} = x^k - (1/M) sum_m Q(p_m))",
    .differences =
        "Q is LAQ's uniform b-bit quantiser in place of the paper's logarithmic one; the model goes down unquantised; "
        "b2 does not grow with k.",
    .bits = "w + b d",
    .citation = "Chen, Shen, Huang, Liu: \"Quantized Adam with error feedback\", 2020, Algorithm 2",
};

inline Method qadam(const Setup& s, Params& in) {
  return compose(
      s, in,
      {.stochastic = true, .compressor = "laq", .memory = "adam-error-feedback", .aggregate = "mean", .step = nullptr});
}

inline Method amsgrad(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .update = "amsgrad", .step = nullptr});
}
inline Method spars_ams(const Setup& s, Params& in) {
  return compose(
      s, in,
      {.stochastic = true, .compressor = "top-k", .memory = "error-feedback", .update = "amsgrad", .step = nullptr});
}
inline Method topk_ams(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "top-k", .update = "amsgrad", .step = nullptr});
}
inline Method stoc_mv_ams(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "stoc-mv", .update = "amsgrad", .step = nullptr});
}
inline Method stoc_unif_ams(const Setup& s, Params& in) {
  return compose(s, in,
                 {.stochastic = true, .compressor = "rand-k", .unbiased = true, .update = "amsgrad", .step = nullptr});
}

}  // namespace laconic::methods
