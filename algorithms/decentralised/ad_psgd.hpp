#pragma once

#include "algorithms/base/random.hpp"
#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

inline constexpr methods::MethodDoc ad_psgd_doc{
    .title = "AD-PSGD: nodes average with one neighbour at a time, whenever they are done (asynchronous, no server)",
    .box = R"(node i:    draws xi, g = grad f_i(x_i; xi) at its x_i of now
           draws a neighbour j, sends it s = x_i
           j, on arrival:  answers with its x_j;  x_j += (s - x_j)/2
           on the answer:  x_i += (x_j - s)/2 - gamma g)",
    .differences =
        "The paper's node averages in one atomic step; here both models travel, and others may change x_i "
        "meanwhile. The sum of all models changes by gradients alone. A round of the record is a finished "
        "exchange.",
    .bits = "w d, twice an exchange",
    .citation =
        "Lian, Zhang, Zhang, Liu: \"Asynchronous decentralized parallel stochastic gradient descent\", ICML 2018",
};

class AdPsgd final : public ExchangingPeer {
 public:
  AdPsgd(NodeParts parts, const graphs::Graph& graph)
      : parts_(std::move(parts)),
        neighbours_(graph.at(0).out[static_cast<std::size_t>(parts_.number)]),
        x_(parts_.start),
        offered_(x_.size()),
        decoded_(x_.size()) {}

  void begin(Round j) override {
    const Batch batch = parts_.sampler->draw(j);
    g_.resize(x_.size());
    parts_.oracle->gradient(x_, batch, g_);
    flops_ = parts_.oracle->flops(batch);
  }
  std::optional<int> partner(Round j) const override {
    if (neighbours_.empty()) return {};
    Rng rng(parts_.round.seed, Purpose::partner, static_cast<std::uint32_t>(parts_.number),
            static_cast<std::uint64_t>(j));
    return neighbours_[rng.below(neighbours_.size())];
  }
  const Message* offer(Round) override { return say(message_, offered_); }
  const Message* answer(const Message& offer) override {
    say(answer_, answered_);
    read(offer, decoded_);
    x_ += (decoded_ - answered_) / 2;
    return &answer_;
  }
  void finish(Round j, const Message* answer) override {
    if (answer) {
      read(*answer, decoded_);
      x_ += (decoded_ - offered_) / 2;
    }
    x_ -= parts_.step(j) * g_;
  }
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 private:
  // Both ends move by what both decode, so that rounding, too, leaves the sum of their models as it is.
  const Message* say(Message& message, Vector& said) {
    {
      BitWriter out(message, parts_.round.wire);
      out.reals(x_);
    }
    read(message, said);
    return &message;
  }
  void read(const Message& message, Vector& v) {
    v.resize(x_.size());
    BitReader in(message, parts_.round.wire);
    in.reals(v);
    in.expect_end();
  }

  NodeParts parts_;
  std::vector<int> neighbours_;
  Vector x_, g_, offered_, answered_, decoded_;
  Message message_, answer_;
  double flops_ = 0;
};

inline ExchangeMethod ad_psgd(const Setup& s, Params& in, const graphs::Graph& graph) {
  ExchangeMethod method;
  read_nodes(s, in, graph,
             {.symmetric = true,
              .compressor = nullptr,
              .all_in_time = "an exchange has no rounds that could end without somebody"},
             [&](NodeParts parts) { method.peers.push_back(std::make_unique<AdPsgd>(std::move(parts), graph)); });
  return method;
}

}  // namespace laconic::decentralised
