#include "algorithms/data/sampler.hpp"

#include <numeric>
#include <unordered_map>

#include "algorithms/base/random.hpp"

namespace laconic::data {
namespace {

class Full final : public Sampler {
 public:
  explicit Full(Index n) : n_(n) {}
  Batch draw(Round) override { return {{}, n_, true}; }

 private:
  Index n_;
};

class Uniform final : public Sampler {
 public:
  Uniform(Index n, Index b, std::uint64_t seed, int m)
      : order_(static_cast<std::size_t>(n)),
        drawn_(static_cast<std::size_t>(b)),
        swapped_(drawn_.size()),
        seed_(seed),
        m_(m) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  // b steps of Fisher and Yates, then undone, so that a round's draw depends on its stream alone and costs O(b).
  Batch draw(Round k) override {
    Rng rng(seed_, Purpose::batch, static_cast<std::uint32_t>(m_), static_cast<std::uint64_t>(k));
    const std::size_t b = drawn_.size();
    for (std::size_t i = 0; i < b; ++i) {
      swapped_[i] = i + rng.below(order_.size() - i);
      std::swap(order_[i], order_[swapped_[i]]);
    }
    std::copy_n(order_.begin(), b, drawn_.begin());
    for (std::size_t i = b; i-- > 0;) std::swap(order_[i], order_[swapped_[i]]);
    return {drawn_, static_cast<Index>(b), false};
  }

 private:
  std::vector<std::int32_t> order_, drawn_;
  std::vector<std::size_t> swapped_;
  std::uint64_t seed_;
  int m_;
};

// Draws the batches that Uniform draws where an array of all n would be too large: only what has been swapped is kept.
class UniformOfMany final : public Sampler {
 public:
  UniformOfMany(Index n, Index b, std::uint64_t seed, int m)
      : n_(static_cast<std::size_t>(n)), drawn_(static_cast<std::size_t>(b)), seed_(seed), m_(m) {}

  Batch draw(Round k) override {
    Rng rng(seed_, Purpose::batch, static_cast<std::uint32_t>(m_), static_cast<std::uint64_t>(k));
    moved_.clear();
    const auto at = [&](std::size_t i) {
      const auto found = moved_.find(i);
      return found == moved_.end() ? static_cast<std::int32_t>(i) : found->second;
    };
    for (std::size_t i = 0; i < drawn_.size(); ++i) {
      const std::size_t j = i + rng.below(n_ - i);
      drawn_[i] = at(j);
      moved_[j] = at(i);
    }
    return {drawn_, static_cast<Index>(drawn_.size()), false};
  }

 private:
  std::size_t n_;
  std::vector<std::int32_t> drawn_;
  std::unordered_map<std::size_t, std::int32_t> moved_;
  std::uint64_t seed_;
  int m_;
};

class Cyclic final : public Sampler {
 public:
  Cyclic(Index n, Index b) : n_(n), drawn_(static_cast<std::size_t>(b)) {}
  Batch draw(Round k) override {
    const auto b = static_cast<Index>(drawn_.size());
    Index next = k % n_ * b % n_;
    for (auto& i : drawn_) {
      i = static_cast<std::int32_t>(next);
      if (++next == n_) next = 0;
    }
    return {drawn_, b, false};
  }

 private:
  Index n_;
  std::vector<std::int32_t> drawn_;
};

}  // namespace

std::unique_ptr<Sampler> full_batches(Index n) { return std::make_unique<Full>(n); }
std::unique_ptr<Sampler> uniform_batches(Index n, Index b, std::uint64_t seed, int m) {
  constexpr Index many = 1 << 24;
  if (n > many) return std::make_unique<UniformOfMany>(n, b, seed, m);
  return std::make_unique<Uniform>(n, b, seed, m);
}
std::unique_ptr<Sampler> cyclic_batches(Index n, Index b) { return std::make_unique<Cyclic>(n, b); }

}  // namespace laconic::data
