#pragma once

#include <array>
#include <memory>

#include "algorithms/core/coding.hpp"
#include "algorithms/core/oracle.hpp"
#include "algorithms/core/parts.hpp"
#include "algorithms/core/peers.hpp"
#include "algorithms/core/schedule.hpp"

namespace laconic::decentralised {

/// What a node is made of.
struct NodeParts {
  int number = 0;
  const Oracle* oracle = nullptr;
  std::unique_ptr<Sampler> sampler;
  Schedule step;              ///< gamma; counts local steps, too
  Round H = 1;                ///< gradient steps of a round
  double consensus_step = 1;  ///< delta
  std::unique_ptr<Compressor> compressor;
  Vector start;  ///< x^0, alike for all
  RoundOptions round;
};

/// What nodes of all methods have in common: gradients, messages of one or two vectors, and the weighted sums of those
/// that arrive. A method fills send(), which ends with say() or stay_silent(), and mix().
class Node : public Peer {
 public:
  explicit Node(NodeParts parts) : parts_(std::move(parts)), x_(parts_.start) {}
  void hear(Round k, int from, double weight, const Message& message) override;
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 protected:
  double gamma(Round k) const { return parts_.step(k); }
  double delta() const { return parts_.consensus_step; }

  /// grad f_i(x; xi_k), into `g`.
  void gradient(Round k, const Vector& x, Vector& g);
  /// x after the H gradient steps of round k, into `h`.
  void half_step(Round k, Vector& h);

  /// Encodes one vector or two, compressed, into the message of round k.
  const Message* say(Round k, const Vector& v) { return encode(k, {&v, nullptr}); }
  const Message* say(Round k, const Vector& v, const Vector& w) { return encode(k, {&v, &w}); }
  const Message* stay_silent();

  /// What the node itself has said this round, as its neighbours decode it: its first vector, or its second; 0 if it
  /// stayed silent.
  const Vector& said(std::size_t which = 0) const { return said_[which]; }
  /// sum_j w_ij of what j said this round, the node itself among them.
  const Vector& heard(std::size_t which = 0) const { return heard_[which]; }

  const NodeParts& parts() const { return parts_; }
  void count_flops(double flops) { flops_ += flops; }
  void begin_round() { flops_ = 0; }

 private:
  const Message* encode(Round k, std::array<const Vector*, 2> vectors);
  void forget_round(std::size_t vectors);

  NodeParts parts_;

 protected:
  Vector x_;

 private:
  Vector step_, decoded_;
  std::array<Vector, 2> said_, heard_;
  std::size_t vectors_ = 1;  // in each message of the method
  Message message_;
  double flops_ = 0, decoding_flops_ = 0;  // the latter of what was heard, which the next round begins with
};

}  // namespace laconic::decentralised
