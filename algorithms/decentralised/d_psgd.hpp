#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc d_psgd_doc{
    .title = "D-PSGD: stochastic gradient descent whose nodes average with their neighbours (no server)",
    .box = R"(node i:    draws xi, g_i = grad f_i(x_i; xi)
           adapt-then-combine:  h_i = x_i - gamma g_i, sent to its neighbours;  x_i = sum_j w_ij h_j
           combine-then-adapt:  sends x_i;  x_i = sum_j w_ij x_j - gamma g_i)",
    .differences =
        "The paper combines, then adapts; the default here adapts first, as most codes do. With \"local_steps\": H, h_i "
        "is x_i after H steps. For a neighbour that is late by /conditions/late stands its latest vector, for one that never "
        "sent any the node's own; the mean is not kept then.",
    .bits = "w d, to each neighbour",
    .citation =
        "Lian, Zhang, Zhang, Hsieh, Zhang, Liu: \"Can decentralized algorithms outperform centralized "
        "algorithms?\", NeurIPS 2017",
};

class AdaptThenCombine final : public Node {
 public:
  using Node::Node;
  const Message* send(Round k) override {
    begin_round();
    half_step(k, h_);
    return say(k, h_);
  }
  void mix(Round) override { x_ = heard(); }

 private:
  Vector h_;
};

class CombineThenAdapt final : public Node {
 public:
  using Node::Node;
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_);
    return say(k, x_);
  }
  void mix(Round k) override { x_ = heard() - gamma(k) * g_; }

 private:
  Vector g_;
};

inline PeerMethod d_psgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  const bool adapt =
      in.choice("order", "adapt-then-combine", {"adapt-then-combine", "combine-then-adapt"},
                "whether a node steps before it averages, or averages where it stood") == "adapt-then-combine";
  if (!adapt && in.has("local_steps"))
    in.refuse("local_steps", "are taken before a node averages: \"combine-then-adapt\" has one gradient a round");
  return compose(s, in, graph, {.fixed = false, .local_steps = adapt},
                 [adapt](NodeParts parts) -> std::unique_ptr<Peer> {
                   if (adapt) return std::make_unique<AdaptThenCombine>(std::move(parts));
                   return std::make_unique<CombineThenAdapt>(std::move(parts));
                 });
}

}  // namespace laconic::decentralised
