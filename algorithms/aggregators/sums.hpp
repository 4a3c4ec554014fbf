#pragma once

#include <vector>

#include "algorithms/core/setup.hpp"

namespace laconic::aggregators {

/// What the server adds up besides this round's vectors.
struct Reuse {
  enum class Kind {
    none,     ///< nothing: nobody is ever silent
    latest,   ///< a silent worker's latest vector
    running,  ///< where workers send differences: what a silent worker's have added up to
  } kind = Kind::none;
  double shift = 1;  ///< running: which part of a difference is added to what is kept
};

/// One line of the table of aggregators.
struct AggregateEntry {
  const char* name;
  std::unique_ptr<Aggregator> (*make)(const Setup& setup, Reuse reuse);
  const char* summary;
  const char* source;
};

/// G = scale * the sum of this round's vectors. Should fewer come than the `expected`, their mean stands for the rest.
class FreshSum final : public Aggregator {
 public:
  FreshSum(Index d, double scale, int expected) : sum_(Vector::Zero(d)), scale_(scale), expected_(expected) {}
  void begin_round() override {
    sum_.setZero();
    came_ = 0;
  }
  void add(int, const Vector& v) override {
    sum_ += v;
    ++came_;
  }
  const Vector& result() override {
    sum_ *= came_ > 0 && came_ < expected_ ? scale_ * expected_ / came_ : scale_;
    return sum_;
  }

 private:
  Vector sum_;
  double scale_;
  int expected_, came_ = 0;
};

/// G = scale * the sum of every worker's latest vector, added afresh in worker order: no drift. O(M d).
class LatestSum final : public Aggregator {
 public:
  LatestSum(Index d, int M, double scale)
      : latest_(static_cast<std::size_t>(M), Vector::Zero(d)), sum_(d), scale_(scale) {}
  void begin_round() override {}
  void add(int m, const Vector& v) override { latest_[static_cast<std::size_t>(m)] = v; }
  const Vector& result() override {
    sum_.setZero();
    for (const auto& v : latest_) sum_ += v;
    sum_ *= scale_;
    return sum_;
  }

 private:
  std::vector<Vector> latest_;
  Vector sum_;
  double scale_;
};

/// G = scale * (H + the sum S of this round's vectors, which are differences); H += shift * S. O(d).
class RunningSum final : public Aggregator {
 public:
  RunningSum(Index d, double scale, double shift)
      : kept_(Vector::Zero(d)), sum_(d), direction_(d), scale_(scale), shift_(shift) {}
  void begin_round() override { sum_.setZero(); }
  void add(int, const Vector& v) override { sum_ += v; }
  const Vector& result() override {
    direction_ = scale_ * (kept_ + sum_);
    kept_ += shift_ * sum_;
    return direction_;
  }

 private:
  Vector kept_, sum_, direction_;
  double scale_, shift_;
};

inline std::unique_ptr<Aggregator> scaled_sum(const Setup& s, Reuse reuse, double scale) {
  if (reuse.kind == Reuse::Kind::latest) return std::make_unique<LatestSum>(s.d(), s.M(), scale);
  if (reuse.kind == Reuse::Kind::running) return std::make_unique<RunningSum>(s.d(), scale, reuse.shift);
  return std::make_unique<FreshSum>(s.d(), scale, s.clients);
}
// Where only some workers take part, M / clients times their sum estimates the sum over all.
inline std::unique_ptr<Aggregator> sum(const Setup& s, Reuse reuse) {
  return scaled_sum(s, reuse, static_cast<double>(s.M()) / s.clients);
}
inline std::unique_ptr<Aggregator> mean(const Setup& s, Reuse reuse) { return scaled_sum(s, reuse, 1.0 / s.clients); }

}  // namespace laconic::aggregators
