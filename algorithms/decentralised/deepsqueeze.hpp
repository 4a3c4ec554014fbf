#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc deepsqueeze_doc{
    .title = "DeepSqueeze: nodes send compressed models, and keep what compression lost (no server)",
    .box = R"(node i:    draws xi, h = x_i - gamma grad f_i(x_i; xi)
           v = h + e;  C(v), sent to its neighbours;  e = v - C(v)
           x_i = h + delta sum_j (w_ij - 1[i = j]) C(v_j))",
    .differences = "With \"local_steps\": H, h is x_i after H steps.",
    .bits = "the compressor's, to each neighbour",
    .citation =
        "Tang, Lian, Qiu, Yuan, Zhang, Zhang, Liu: \"DeepSqueeze: Decentralization meets error-compensated "
        "compression\", 2019",
};

class DeepSqueeze final : public Node {
 public:
  explicit DeepSqueeze(NodeParts parts) : Node(std::move(parts)), e_(Vector::Zero(x_.size())) {}
  const Message* send(Round k) override {
    begin_round();
    half_step(k, h_);
    v_ = h_ + e_;
    return say(k, v_);
  }
  void mix(Round) override {
    e_ = v_ - said();
    x_ = h_ + delta() * (heard() - said());
  }

 private:
  Vector e_, h_, v_;
};

inline PeerMethod deepsqueeze(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(s, in, graph,
                 {.local_steps = true,
                  .consensus_step = Needs::Delta::required,
                  .all_in_time = "a message holds what compression left out of those before it, which must count once"},
                 [](NodeParts parts) { return std::make_unique<DeepSqueeze>(std::move(parts)); });
}

}  // namespace laconic::decentralised
