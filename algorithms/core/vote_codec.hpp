#pragma once

#include <cmath>
#include <vector>

#include "algorithms/core/parts.hpp"

namespace laconic {

/// A vote's way down: its signs, their magnitude if it has one, and the update's side values.
class VoteCodec {
 public:
  VoteCodec(bool scaled, std::size_t side_values) : scaled_(scaled), side_values_(side_values) {}

  void encode(const Vector& vote, Update& update, Wire wire, Message& message) {
    BitWriter out(message, wire);
    if (scaled_) out.real(std::abs(vote[0]));
    out.signs(vote);
    update.write_side_values_down(side_values_);
    for (double x : side_values_) out.real(x);
  }

  /// Both ends step by what they decode.
  void apply(const Message& message, Round k, Wire wire, Update& update, Vector& theta) {
    BitReader in(message, wire);
    const double magnitude = scaled_ ? in.real() : 1;
    vote_.resize(theta.size());
    in.signs(vote_, magnitude);
    for (double& x : side_values_) x = in.real();
    in.expect_end();
    update.read_side_values_down(side_values_);
    update.apply(k, theta, vote_);
  }

 private:
  bool scaled_;
  std::vector<double> side_values_;
  Vector vote_;
};

}  // namespace laconic
