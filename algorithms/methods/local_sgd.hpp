#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

inline constexpr MethodDoc local_sgd_doc{
    .title = "Local SGD: workers average their models once in H steps",
    .box = R"(server sends theta^k to all workers
worker m:  theta_m = theta^k; H times: draws xi, theta_m -= gamma grad l(theta_m; xi)
           sends theta_m
server:    theta^{k+1} = (1/M) sum_m theta_m)",
    .differences =
        "A worker sends theta^k - theta_m, how far it moved, which the server subtracts: the same average, in a form "
        "that compressors and memories can work on. gamma is gamma_s of step s = k H + h.",
    .bits = "w d",
    .citation = "Stich: \"Local SGD converges fast and communicates little\", ICLR 2019; LASG's baseline",
};

inline Method local_sgd(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .local = true, .step = nullptr});
}

inline constexpr MethodDoc fedavg_doc{
    .title = "FedAvg: local SGD on some of the workers, drawn afresh every round",
    .box = R"(server sends theta^k to a random set S of workers
worker m in S:  theta_m = theta^k; H times: draws xi, theta_m -= gamma grad l(theta_m; xi)
                sends theta_m
server:         theta^{k+1} = (1/|S|) sum_{m in S} theta_m)",
    .differences =
        "As local-sgd. Workers weigh alike, whatever the number of their samples; H counts steps, not epochs.",
    .bits = "w d",
    .citation =
        "McMahan, Moore, Ramage, Hampson, Aguera y Arcas: \"Communication-efficient learning of deep networks from "
        "decentralized data\", AISTATS 2017",
};

inline Method fedavg(const Setup& s, Params& in) {
  return compose(s, in, {.stochastic = true, .local = true, .participation = "sampled", .step = nullptr});
}

}  // namespace laconic::methods
