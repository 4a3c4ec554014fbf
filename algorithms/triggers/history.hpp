#pragma once

#include <numeric>
#include <vector>

#include "algorithms/core/types.hpp"

namespace laconic::triggers {

/// h^k = sum_{d=1..D} alpha_d ||theta^{k+1-d} - theta^{k-d}||^2; differences before the start count as 0.
class History {
 public:
  /// alpha[0] weighs the latest difference.
  explicit History(std::vector<double> alpha) : alpha_(std::move(alpha)), moved_(alpha_.size(), 0.0) {}

  /// theta^k, once a round.
  void push(const Vector& theta) {
    latest_ = (latest_ + moved_.size() - 1) % moved_.size();
    moved_[latest_] = last_.size() == 0 ? 0.0 : (theta - last_).squaredNorm();
    last_ = theta;
  }

  double value() const {
    double h = 0;
    for (std::size_t i = 0; i < alpha_.size(); ++i) h += alpha_[i] * moved_[(latest_ + i) % moved_.size()];
    return h;
  }

 private:
  std::vector<double> alpha_;
  std::vector<double> moved_;  // a ring, the latest at latest_
  std::size_t latest_ = 0;
  Vector last_;
};

}  // namespace laconic::triggers
