#pragma once

#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc sgp_doc{
    .title = "SGP: stochastic gradient push, on graphs whose edges may run one way (no server)",
    .box = R"(node i:    z = x_i / om_i;  draws xi, h = x_i - gamma grad f_i(z; xi)
           sends its out-neighbours, and keeps, (h, om_i) / (1 + out-degree)
           x_i, om_i = the sums of what it received and kept)",
    .differences = "om^0 = 1. The mean model is that of the x_i; gradients, and \"consensus\", are of the z_i.",
    .bits = "w d + w, to each neighbour",
    .citation = "Assran, Loizou, Ballas, Rabbat: \"Stochastic gradient push for distributed deep learning\", ICML 2019",
};

class Sgp final : public Peer {
 public:
  Sgp(NodeParts parts, const graphs::Graph& graph)
      : parts_(std::move(parts)), graph_(graph), x_(parts_.start), z_(parts_.start) {}

  const Message* send(Round k) override {
    const Batch batch = parts_.sampler->draw(k);
    g_.resize(parts_.round.d);
    parts_.oracle->gradient(z_, batch, g_);
    flops_ = parts_.oracle->flops(batch);
    const auto degree = graph_.at(k).out[static_cast<std::size_t>(parts_.number)].size();
    const double share = 1 / (1 + static_cast<double>(degree));
    g_ = share * (x_ - parts_.step(k) * g_);
    BitWriter out(message_, parts_.round.wire);
    out.reals(g_);
    out.real(share * om_);
    x_.setZero();
    om_ = 0;
    return &message_;
  }
  void hear(Round, int, double, const Message& message) override {
    BitReader in(message, parts_.round.wire);
    in.reals(g_);
    x_ += g_;
    om_ += in.real();
    in.expect_end();
  }
  void mix(Round) override { z_ = x_ / om_; }
  double flops() const override { return flops_; }
  const Vector& model() const override { return z_; }
  const Vector& share() const override { return x_; }

 private:
  NodeParts parts_;
  const graphs::Graph& graph_;
  Vector x_, z_, g_;
  double om_ = 1, flops_ = 0;
  Message message_;
};

inline PeerMethod sgp(const Setup& s, Params& in, const graphs::Graph& graph) {
  return compose(s, in, graph,
                 {.doubly_stochastic = false,
                  .fixed = false,
                  .compressor = nullptr,
                  .all_in_time = "a message is a share of a node's sum and weight, and must be received once"},
                 [&](NodeParts parts) { return std::make_unique<Sgp>(std::move(parts), graph); });
}

}  // namespace laconic::decentralised
