#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace laconic {

/// What a stream of random numbers is for. Append only: the number is part of every stream's key.
enum class Purpose : std::uint8_t {
  data = 1,
  labels = 2,
  partition = 3,
  batch = 4,
  compressor = 5,
  platform = 6,
  noise = 7,
  start = 8,
  clients = 9,
  coin = 10,
  projection = 11,
  test_set = 12,
  skew = 13,
  graph = 14,
  partner = 15,
  straggler = 20,
  failure = 21,
  traffic = 22,
  tuning = 30
};

/// A stream keyed by (seed, purpose, worker, round): no draw depends on the order in which workers run, on threads or
/// on the platform. Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
class Rng {
 public:
  Rng(std::uint64_t seed, Purpose purpose, std::uint32_t worker = 0, std::uint64_t round = 0);

  std::uint64_t next();
  /// In [0, 1), a multiple of 2^-53.
  double uniform();
  /// What so many calls of uniform() would give.
  void uniforms(std::span<double> out);
  /// Words of 32 random bits, a new block of the generator first: what codecs draw for all entries of a vector.
  void words(std::span<std::uint32_t> out);
  /// In {0, ..., n - 1}, unbiased (Lemire 2019). n >= 1.
  std::uint64_t below(std::uint64_t n);
  /// N(0, 1), by Box and Muller's transform.
  double normal();

  /// One block of the generator: exposed for its known-answer test.
  static std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint64_t, 2> block_{};
  int left_ = 0;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace laconic
