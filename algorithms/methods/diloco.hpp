#pragma once

#include "algorithms/methods/streaming_diloco.hpp"
#include "algorithms/updates/adaptive.hpp"

namespace laconic::methods {

inline constexpr MethodDoc diloco_doc{
    .title = "DiLoCo: hundreds of AdamW steps at each worker, then Nesterov's step along the mean of their moves",
    .box = R"(server sends theta^k to all workers
worker m:  theta_m = theta^k; H times: draws xi, an AdamW step of size gamma along grad l(theta_m; xi)
           sends Delta_m = theta^k - theta_m
server:    Delta = (1/M) sum_m Delta_m;  v = b v + Delta;  theta^{k+1} = theta^k - g (Delta + b v)

streaming, the model in P fragments: at the end of each H/P steps the next one, p, is exchanged
worker m:  sends Delta_m = what it last heard of fragment p - its own fragment p
server:    steps fragment p as above, and sends it
worker m:  t steps later:  its own fragment p = (1 - a) (what it heard) + a (its own))",
    .differences =
        "g is \"server_step\", b \"server_momentum\". AdamW's moments stay with the worker between rounds. \"update\" and "
        "\"local_update\" take others' places. Streaming: P is \"fragments\", t \"delay\", a \"alpha\"; a fragment is d/P "
        "entries, to one, that follow each other, and not the paper's layers; a round of the record is H/P steps and one "
        "exchange; the whole model goes down once, at the start.",
    .bits = "w d",
    .citation =
        "Douillard et al.: \"DiLoCo: Distributed low-communication training of language models\", arXiv:2311.08105, "
        "2023, Algorithm 1; Douillard et al.: \"Streaming DiLoCo with overlapping communication\", arXiv:2501.18512, 2025",
};

inline Method diloco(const Setup& s, Params& in) {
  const Round P = in.count("fragments", 1, 1, "P: the model is exchanged in so many parts, in turn");
  const Round delay = in.count("delay", 0, 0, "t: local steps from the start of an exchange to its end");
  const double alpha = in.number("alpha", 0, updates::decay, "a, the weight of its own fragment as a worker hears it");
  if (P > 1 || delay > 0 || alpha > 0) return streaming_diloco(s, in, P, delay, alpha);
  return compose(s, in,
                 {.stochastic = true,
                  .local = true,
                  .H = 500,
                  .local_update = "adamw",
                  .update = "nesterov",
                  .step = nullptr,
                  .step_meaning = "step size gamma_s of a worker's step s",
                  .server_step = "0.7"});
}

}  // namespace laconic::methods
