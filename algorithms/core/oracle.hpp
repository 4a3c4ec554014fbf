#pragma once

#include <cstdint>
#include <span>

#include "algorithms/core/types.hpp"

namespace laconic {

/// The samples of one gradient: row numbers of one worker, or all of them.
struct Batch {
  std::span<const std::int32_t> rows;  ///< empty when full
  Index size = 0;
  bool full = true;
};

/// A worker's local objective f_m, its samples reduced and regularised as the problem says.
/// On a mini-batch a sum over n samples is estimated by n/b times the sum over the batch, a mean by the batch's mean.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual Index samples() const = 0;
  /// Whether every draw is a new sample, so that samples() is a bound that nobody can go through.
  virtual bool draws_without_end() const { return false; }
  /// grad f_m(theta; xi) into `gradient`, which has d entries.
  virtual void gradient(const Vector& theta, const Batch& xi, Vector& gradient) const = 0;
  /// f_m(theta; xi), and its gradient if asked for.
  virtual double loss(const Vector& theta, const Batch& xi, Vector* gradient = nullptr) const = 0;
  /// Simulated flops of one gradient; the loss comes free with it.
  virtual double flops(const Batch& xi) const = 0;
};

/// Draws a worker's batches.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual Batch draw(Round k) = 0;
};

}  // namespace laconic
