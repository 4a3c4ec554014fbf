#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc lead_doc{
    .title = "LEAD: primal and dual steps with compressed differences (no server)",
    .box = R"(h = hw = D = 0
node i:    draws xi, g = grad f_i(x; xi);  y = x - gamma g - gamma D
           q = C(y - h), sent to its neighbours
           yh = h + q;  yhw = hw + sum_j w_ij q_j
           h = (1 - a) h + a yh;  hw = (1 - a) hw + a yhw
           D += (delta / (2 gamma)) (yh - yhw)
           x -= gamma g + gamma D)",
    .differences =
        "The paper's first local step, before round 0, is left out. Made for unbiased compressors or mild "
        "contractions: with one entry of many, or scaled signs, it diverges.",
    .bits = "the compressor's, to each neighbour",
    .citation =
        "Liu, Li, Wang, Tang, Yan: \"Linear convergent decentralized optimization with compression\", ICLR 2021",
};

class Lead final : public Node {
 public:
  Lead(NodeParts parts, double a) : Node(std::move(parts)), a_(a) {
    for (Vector* v : {&h_, &hw_, &D_}) v->setZero(x_.size());
  }
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_);
    y_ = x_ - gamma(k) * (g_ + D_);
    return say(k, y_ - h_);
  }
  void mix(Round k) override {
    D_ += delta() / (2 * gamma(k)) * ((h_ + said()) - (hw_ + heard()));
    h_ += a_ * said();
    hw_ += a_ * heard();
    x_ -= gamma(k) * (g_ + D_);
  }

 private:
  double a_;
  Vector h_, hw_, D_, g_, y_;
};

inline PeerMethod lead(const Setup& s, Params& in, const graphs::Graph& graph) {
  const double a = in.number("a", 0.5, {"a number above 0 and up to 1", 0, 1, true}, "how fast h follows y");
  return compose(s, in, graph,
                 {.symmetric = true,
                  .consensus_step = Needs::Delta::one,
                  .all_in_time = "its dual variables add up to 0 only while all combine what was sent in one round"},
                 [a](NodeParts parts) { return std::make_unique<Lead>(std::move(parts), a); });
}

}  // namespace laconic::decentralised
