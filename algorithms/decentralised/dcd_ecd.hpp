#pragma once

#include "algorithms/core/changes.hpp"
#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc dcd_psgd_doc{
    .title = "DCD-PSGD: nodes send compressed differences of their models (no server)",
    .box = R"(node i:    draws xi, u = sum_j w_ij x_j - gamma grad f_i(x_i; xi)
           q = C(u - x_i), sent to its neighbours
           x_i += q, and its neighbours' copies do too)",
    .differences =
        "A node keeps sum_j w_ij x_j, and no copy of each neighbour. The paper's C is unbiased; any may be "
        "chosen, and one that is too coarse diverges. A q that is late by /conditions/late is added when it comes.",
    .bits = "the compressor's, to each neighbour",
    .citation = "Tang, Gan, Zhang, Zhang, Liu: \"Communication compression for decentralized training\", NeurIPS 2018",
};

class Dcd final : public Node, public SendsChanges {
 public:
  explicit Dcd(NodeParts parts) : Node(std::move(parts)), mixed_(x_) {}
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_);
    return say(k, mixed_ - gamma(k) * g_ - x_);
  }
  void mix(Round) override {
    x_ += said();
    mixed_ += heard();
  }

 private:
  Vector mixed_;  // sum_j w_ij x_j
  Vector g_;
};

inline PeerMethod dcd_psgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(s, in, graph, {}, [](NodeParts parts) { return std::make_unique<Dcd>(std::move(parts)); });
}

inline constexpr methods::MethodDoc ecd_psgd_doc{
    .title = "ECD-PSGD: nodes send compressed extrapolations, of which neighbours form estimates (no server)",
    .box = R"(t = k + 1
node i:    draws xi, u = sum_j w_ij xh_j - gamma grad f_i(x_i; xi)
           z = (1 - t/2) x_i + (t/2) u
           C(z), sent to its neighbours
           xh_j = (1 - 2/t) xh_j + (2/t) C(z_j)  for i and its neighbours
           x_i = u)",
    .differences = "A node keeps sum_j w_ij xh_j, and no estimate of each neighbour. xh^0 = x^0.",
    .bits = "the compressor's, to each neighbour",
    .citation = "Tang, Gan, Zhang, Zhang, Liu: \"Communication compression for decentralized training\", NeurIPS 2018",
};

class Ecd final : public Node {
 public:
  explicit Ecd(NodeParts parts) : Node(std::move(parts)), mixed_estimates_(x_) {}
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_);
    u_ = mixed_estimates_ - gamma(k) * g_;
    const double t = static_cast<double>(k) + 1;
    return say(k, (1 - t / 2) * x_ + t / 2 * u_);
  }
  void mix(Round k) override {
    const double t = static_cast<double>(k) + 1;
    mixed_estimates_ = (1 - 2 / t) * mixed_estimates_ + 2 / t * heard();
    x_ = u_;
  }

 private:
  Vector mixed_estimates_;  // sum_j w_ij xh_j
  Vector g_, u_;
};

inline PeerMethod ecd_psgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(s, in, graph, {.all_in_time = "what a neighbour's message counts depends on its round"},
                 [](NodeParts parts) { return std::make_unique<Ecd>(std::move(parts)); });
}

}  // namespace laconic::decentralised
