#pragma once

#include "algorithms/core/changes.hpp"
#include "algorithms/decentralised/compose.hpp"
#include "algorithms/decentralised/send_rules.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc choco_sgd_doc{
    .title = "CHOCO-SGD: neighbours hold copies of a node, and are sent compressed differences to them (no server)",
    .box = R"(node i:    draws xi, h = x_i - gamma grad f_i(x_i; xi)
           q_i = C(h - xh_i), sent to its neighbours
           xh_j += q_j  for i and its neighbours
           x_i = h + delta sum_j w_ij (xh_j - xh_i))",
    .differences =
        "A node keeps xh_i and sum_j w_ij xh_j, and no copy of each neighbour (the paper's Algorithm 6). A "
        "\"trigger\" may keep it silent: then q_i = 0. A q_j that is late by /conditions/late is added when it comes: until "
        "then xh_j stays as it is.",
    .bits = "the compressor's, to each neighbour",
    .citation =
        "Koloskova, Stich, Jaggi: \"Decentralized stochastic optimization and gossip algorithms with compressed "
        "communication\", ICML 2019",
};

class Choco final : public Node, public SendsChanges {
 public:
  Choco(NodeParts parts, std::unique_ptr<SendRule> rule)
      : Node(std::move(parts)),
        rule_(std::move(rule)),
        copy_(Vector::Zero(x_.size())),
        mixed_copies_(Vector::Zero(x_.size())) {}
  const Message* send(Round k) override {
    begin_round();
    half_step(k, h_);
    difference_ = h_ - copy_;
    const double gamma_k = gamma((k + 1) * Node::parts().H - 1);
    return rule_->fires({k, gamma_k, x_, difference_.squaredNorm()}) ? say(k, difference_) : stay_silent();
  }
  void mix(Round) override {
    copy_ += said();
    mixed_copies_ += heard();
    x_ = h_ + delta() * (mixed_copies_ - copy_);
  }

 private:
  std::unique_ptr<SendRule> rule_;
  Vector copy_, mixed_copies_;  // xh_i, and sum_j w_ij xh_j
  Vector h_, difference_;
};

inline PeerMethod choco(const Setup& s, Params& in, const graphs::Graph& graph, const char* trigger) {
  const MakeSendRule rule = read_send_rule(in, trigger);
  return compose(s, in, graph, {.local_steps = true, .consensus_step = Needs::Delta::required},
                 [&](NodeParts parts) { return std::make_unique<Choco>(std::move(parts), rule()); });
}

inline PeerMethod choco_sgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  return choco(s, in, graph, "always");
}

inline constexpr methods::MethodDoc sparq_sgd_doc{
    .title = "SPARQ-SGD: CHOCO-SGD with local steps, whose nodes send only when they have moved enough (no server)",
    .box = R"(node i:    h = x_i after H gradient steps
           q_i = C(h - xh_i), sent to its neighbours if ||h - xh_i||^2 > c_k gamma_k^2; else a notice, q_i = 0
           xh_j += q_j  for i and its neighbours
           x_i = h + delta sum_j w_ij (xh_j - xh_i))",
    .differences =
        "k counts rounds of H steps, and gamma_k is the last step's; the paper's t counts steps. c_k is a "
        "number, or a schedule that falls.",
    .bits = "the compressor's, to each neighbour",
    .citation =
        "Singh, Data, George, Diggavi: \"SPARQ-SGD: Event-triggered and compressed communication in "
        "decentralized optimization\", IEEE TAC 2022",
};

inline PeerMethod sparq_sgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  return choco(s, in, graph, "sparq");
}

inline constexpr methods::MethodDoc lasg_graph_doc{
    .title = "LASG on a graph: a node sends when it has moved more than it lately does (no server)",
    .box = R"(node i:    draws xi, h = x_i - gamma grad f_i(x_i; xi)
           q_i = C(h - xh_i), sent to its neighbours if k = 0, or tau_i >= D, or
             ||h - xh_i||^2 > (c/d_max) sum_{d=1..d_max} ||x_i^{k+1-d} - x_i^{k-d}||^2; else a notice, q_i = 0
           tau_i = 1 after sending, else tau_i + 1
           xh_j += q_j  for i and its neighbours
           x_i = h + delta sum_j w_ij (xh_j - xh_i))",
    .differences =
        "Laconic's own: LASG leaves the decentralised version to the future (its section V). The rule is LASG's, on what "
        "a node's neighbours hold of it; the exchange is CHOCO-SGD's.",
    .bits = "the compressor's, to each neighbour",
    .citation = "after LASG, section V",
};

inline PeerMethod lasg_graph(const Setup& s, Params& in, const graphs::Graph& graph) {
  return choco(s, in, graph, "lasg-graph");
}

}  // namespace laconic::decentralised
