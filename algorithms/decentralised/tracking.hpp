#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc gradient_tracking_doc{
    .title = "Gradient tracking: nodes average their models and their estimates of the mean gradient (no server)",
    .box = R"(y_i^0 = grad f_i(x^0; xi^0)
node i:    sends (x_i, y_i) to its neighbours
           x_i^+ = sum_j w_ij x_j - gamma y_i
           y_i^+ = sum_j w_ij y_j + grad f_i(x_i^+; xi^+) - grad f_i(x_i; xi))",
    .differences = "The gradient of x^k opens round k, which is where its computing time is spent.",
    .bits = "2 w d, to each neighbour",
    .citation =
        "Nedic, Olshevsky, Shi: \"Achieving geometric convergence for distributed optimization over time-varying "
        "graphs\", SIAM J. Optim. 2017 (DIGing)",
};

class GradientTracking final : public Node {
 public:
  explicit GradientTracking(NodeParts parts)
      : Node(std::move(parts)), y_(Vector::Zero(x_.size())), g_(Vector::Zero(x_.size())) {}
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_next_);
    y_ += g_next_ - g_;
    g_.swap(g_next_);
    return say(k, x_, y_);
  }
  void mix(Round k) override {
    x_ = heard(0) - gamma(k) * y_;
    y_ = heard(1);
  }

 private:
  Vector y_, g_, g_next_;
};

inline PeerMethod gradient_tracking(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(
      s, in, graph,
      {.compressor = nullptr,
       .all_in_time = "the trackers' mean is the mean gradient only while each message counts once, in its round"},
      [](NodeParts parts) { return std::make_unique<GradientTracking>(std::move(parts)); });
}

inline constexpr methods::MethodDoc beer_doc{
    .title = "BEER: gradient tracking with compressed differences (no server)",
    .box = R"(h_i = u_i = 0;  v_i = grad f_i(x^0; xi^0)
node i:    x_i^+ = x_i + delta sum_j w_ij (h_j - h_i) - gamma v_i
           qx = C(x_i^+ - h_i), sent to its neighbours;  h_i += qx
           v_i += delta sum_j w_ij (u_j - u_i) + grad f_i(x_i^+; xi^+) - grad f_i(x_i; xi)
           qv = C(v_i - u_i), sent to its neighbours;  u_i += qv)",
    .differences =
        "qx and qv travel as one message. The computing time of the gradient at x^k is spent in round k, "
        "though the message of round k - 1 has it.",
    .bits = "twice the compressor's, to each neighbour",
    .citation =
        "Zhao, Li, Li, Richtarik, Chi: \"BEER: Fast O(1/T) rate for decentralized nonconvex optimization with "
        "communication compression\", NeurIPS 2022",
};

class Beer final : public Node {
 public:
  explicit Beer(NodeParts parts) : Node(std::move(parts)) {
    for (Vector* v : {&h_, &u_, &mixed_h_, &mixed_u_}) v->setZero(x_.size());
  }
  const Message* send(Round k) override {
    begin_round();
    if (k == 0) {
      gradient(0, x_, g_);
      v_ = g_;
      next_flops_ = flops();
    }
    x_ += delta() * (mixed_h_ - h_) - gamma(k) * v_;
    begin_round();
    gradient(k + 1, x_, g_next_);
    v_ += delta() * (mixed_u_ - u_) + g_next_ - g_;
    g_.swap(g_next_);
    const double flops_of_next = flops();
    begin_round();
    count_flops(std::exchange(next_flops_, flops_of_next));
    return say(k, x_ - h_, v_ - u_);
  }
  void mix(Round) override {
    h_ += said(0);
    u_ += said(1);
    mixed_h_ += heard(0);
    mixed_u_ += heard(1);
  }

 private:
  Vector v_, g_, g_next_;
  Vector h_, u_, mixed_h_, mixed_u_;  // the last two: sum_j w_ij h_j and u_j
  double next_flops_ = 0;             // of the gradient that opens the next round
};

inline PeerMethod beer(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(
      s, in, graph,
      {.symmetric = true,
       .consensus_step = Needs::Delta::required,
       .all_in_time = "the trackers' mean is the mean gradient only while each message counts once, in its round"},
      [](NodeParts parts) { return std::make_unique<Beer>(std::move(parts)); });
}

}  // namespace laconic::decentralised
