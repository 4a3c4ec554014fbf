#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "algorithms/core/setup.hpp"

namespace laconic::participation {

/// A number of workers drawn uniformly without replacement, every round afresh. The others receive nothing.
class Sampled final : public Participation {
 public:
  Sampled(int M, int clients, std::uint64_t seed)
      : order_(static_cast<std::size_t>(M)), clients_(static_cast<std::size_t>(clients)), seed_(seed) {}

  const std::vector<int>& choose(Round k, const Vector&) override {
    Rng rng(seed_, Purpose::clients, 0, static_cast<std::uint64_t>(k));
    std::iota(order_.begin(), order_.end(), 0);
    for (std::size_t i = 0; i < clients_; ++i) std::swap(order_[i], order_[i + rng.below(order_.size() - i)]);
    chosen_.assign(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(clients_));
    std::sort(chosen_.begin(), chosen_.end());
    return chosen_;
  }
  bool lazy() const override { return false; }
  std::optional<int> clients() const override { return static_cast<int>(clients_); }

 private:
  std::vector<int> order_, chosen_;
  std::size_t clients_;
  std::uint64_t seed_;
};

inline PerWorker<Participation> sampled(const Setup& s, Params& in) {
  const Range range{"a positive number: a count, or a share of the workers below 1", 0,
                    std::numeric_limits<double>::infinity(), true};
  const double given = in.number("clients", {}, range, "workers that take part in a round: a count, or a share of M");
  const double clients = given < 1 ? std::ceil(given * s.M()) : given;
  if (clients != std::floor(clients) || clients > s.M())
    in.fail("clients", fmt::format("a whole number from 1 to the {} workers, or a share of them below 1", s.M()));
  return [M = s.M(), clients, seed = s.round.seed](int) {
    return std::make_unique<Sampled>(M, static_cast<int>(clients), seed);
  };
}

}  // namespace laconic::participation
