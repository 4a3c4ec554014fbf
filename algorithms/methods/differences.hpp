#pragma once

#include "algorithms/methods/compose.hpp"

// Methods that compress what has changed instead of the gradient itself.

namespace laconic::methods {

inline constexpr MethodDoc ef21_doc{
    .title = "EF21: error feedback that compresses the change of the gradient",
    .box = R"(server sends x^k to all workers
worker m:  c_m = C(grad f_m(x^k) - g_m), sends c_m, g_m += c_m
server:    g += (1/M) sum_m c_m;  x^{k+1} = x^k - gamma g      ("sum": sum_m))",
    .differences = "g_m^0 = C(grad f_m(x^0)), as if g_m had been 0 before.",
    .bits = "k (w + i)",
    .citation = "Richtarik, Sokolov, Fatkhullin: \"EF21\", NeurIPS 2021, Algorithm 2",
};

inline constexpr MethodDoc ef21_sgd_doc{
    .title = "EF21-SGD: EF21 on stochastic gradients",
    .box = "as ef21, with grad l(x^k; xi_m^k) on a mini-batch xi_m^k",
    .differences = "g_m^0 = C(grad l(x^0; xi_m^0)).",
    .bits = "k (w + i)",
    .citation =
        "Richtarik, Sokolov, Fatkhullin: \"EF21\", NeurIPS 2021; Fatkhullin, Sokolov, Gorbunov, Li, Richtarik: \"EF21 "
        "with bells and whistles\", 2021",
};

inline constexpr MethodDoc diana_doc{
    .title = "DIANA: unbiased compression of gradient differences to learnt shifts",
    .box = R"(server sends x^k to all workers
worker m:  sends q_m = Q(grad f_m(x^k) - h_m), h_m += alpha q_m
server:    g = h + (1/M) sum_m q_m, h += alpha (1/M) sum_m q_m;  x^{k+1} = x^k - gamma g      ("sum": sum_m))",
    .differences =
        "Q is QSGD's quantiser, in place of the paper's blockwise one. alpha = 1/(1 + omega), omega Q's variance.",
    .bits = "w + b d",
    .citation =
        "Mishchenko, Gorbunov, Takac, Richtarik: \"Distributed learning with compressed gradient differences\", 2019",
};

inline Method ef21(const Setup& s, Params& in) {
  return compose(s, in, {.compressor = "top-k", .memory = "difference"});
}
inline Method ef21_sgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .compressor = "top-k", .memory = "difference", .step = nullptr});
}
/// 1/(L (1 + 6 omega / M)), the variance term with the largest of the workers' L_m. Mishchenko et al., 2019; for any
/// omega: Horvath, Kovalev, Mishchenko, Stich, Richtarik: "Stochastic distributed learning with gradient quantization
/// and variance reduction", 2019.
inline double diana_step(const Problem& problem, double omega) {
  const double scale = problem.objective == Reduction::mean ? 1.0 / problem.M() : 1;
  return 1 / (problem.L + 6 * omega * scale * problem.L_max());
}

inline Method diana(const Setup& s, Params& in) {
  return compose(s, in,
                 {.compressor = "qsgd",
                  .memory = "shifted",
                  .step_of = diana_step,
                  .step_meaning = "step size gamma_k; by default 1/(L + 6 omega max L_m / M), with sums not over M"});
}

}  // namespace laconic::methods
