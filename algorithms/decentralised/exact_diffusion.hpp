#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc exact_diffusion_doc{
    .title = "Exact diffusion: D-PSGD that corrects its bias (no server)",
    .box = R"(psi_i^0 = x^0
node i:    draws xi, psi^+ = x_i - gamma grad f_i(x_i; xi)
           phi_i = psi^+ + x_i - psi, sent to its neighbours;  psi = psi^+
           x_i = sum_j (w_ij + 1[i = j])/2 phi_j)",
    .differences = "none",
    .bits = "w d, to each neighbour",
    .citation =
        "Yuan, Ying, Zhao, Sayed: \"Exact diffusion for distributed optimization and learning\", IEEE TSP 2019; "
        "Tang, Lian, Yan, Zhang, Liu: \"D2\", ICML 2018",
};

class ExactDiffusion final : public Node {
 public:
  explicit ExactDiffusion(NodeParts parts) : Node(std::move(parts)), psi_(x_) {}
  const Message* send(Round k) override {
    begin_round();
    gradient(k, x_, g_);
    next_ = x_ - gamma(k) * g_;
    phi_ = next_ + x_ - psi_;
    psi_.swap(next_);
    return say(k, phi_);
  }
  void mix(Round) override { x_ = (heard() + said()) / 2; }

 private:
  Vector psi_, next_, phi_, g_;
};

inline PeerMethod exact_diffusion(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(s, in, graph,
                 {.symmetric = true,
                  .compressor = nullptr,
                  .all_in_time = "its correction takes for granted that all combine what was sent in one round"},
                 [](NodeParts parts) { return std::make_unique<ExactDiffusion>(std::move(parts)); });
}

}  // namespace laconic::decentralised
