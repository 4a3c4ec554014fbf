#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::memories {

/// Sends what changed: p = g - q, and q += C(p) at both ends, where q is what the server holds for this worker.
/// The server then needs the sum of all q alone, O(d) instead of O(M d). (LAG, delta_m)
class Difference final : public Memory {
 public:
  explicit Difference(Index d) : q_(Vector::Zero(d)) {}
  void compensate(Round, const Vector& g, Vector& wanted) override { wanted = g - q_; }
  void held(const Vector& sent, Vector& copy) const override { copy = q_ + sent; }
  void commit(const Vector&, const Vector& sent) override { q_ += sent; }
  bool needs_contraction() const override { return true; }
  std::optional<double> shift() const override { return 1; }

 private:
  Vector q_;
};

inline PerWorker<Memory> difference(const Setup& s, Params&) {
  return [d = s.d()](int) { return std::make_unique<Difference>(d); };
}

}  // namespace laconic::memories
