#include <cmath>
#include <set>
#include <vector>

#include "algorithms/base/random.hpp"
#include "algorithms/base/simd.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

TEST_CASE("Philox4x32-10 gives its published known answers") {
  using Four = std::array<std::uint32_t, 4>;
  // Random123's kat_vectors.
  CHECK(Rng::philox({0, 0, 0, 0}, {0, 0}) == Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Rng::philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) == Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(Rng::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams with different keys differ, equal keys agree") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (auto purpose : {Purpose::data, Purpose::batch})
      for (std::uint32_t worker : {0u, 1u, ~0u})
        for (std::uint64_t round : {0ull, 1ull, 1ull << 32}) first.insert(Rng(seed, purpose, worker, round).next());
  CHECK(first.size() == 3 * 2 * 3 * 3);
  Rng a(5, Purpose::batch, 3, 9), b(5, Purpose::batch, 3, 9);
  for (int i = 0; i < 100; ++i) REQUIRE(a.next() == b.next());
}

TEST_CASE("words are the generator's blocks, in pieces of four as in one, and start a new block") {
  std::vector<std::uint32_t> whole(10), parts(10);
  Rng a(5, Purpose::compressor, 3, 9), b(5, Purpose::compressor, 3, 9), c(5, Purpose::compressor, 3, 9);
  a.words(whole);
  b.words(std::span(parts).first(4));
  b.words(std::span(parts).subspan(4));
  CHECK(parts == whole);
  CHECK(c.next() == (whole[0] | static_cast<std::uint64_t>(whole[1]) << 32));
  std::uint32_t next = 0;
  c.words({&next, 1});  // the block that next() began is over
  CHECK(next == whole[4]);
}

TEST_CASE("words are the same on processors with wide registers and without, whatever their number") {
  for (const std::size_t n : {1, 4, 63, 64, 65, 127, 128, 129, 300}) {
    std::vector<std::uint32_t> expected(n);
    for (std::uint32_t i = 0; i < n; ++i)
      expected[i] = Rng::philox({i / 4, 9, 3, static_cast<std::uint32_t>(Purpose::compressor) << 24}, {5, 0})[i % 4];
    const auto all = in_all_widths([&] {
      std::vector<std::uint32_t> words(n);
      Rng(5, Purpose::compressor, 3, 9).words(words);
      return words;
    });
    for (const auto& words : all) CHECK(words == expected);
  }
}

TEST_CASE("many uniform numbers at once are those one by one, wherever in a block they begin and end") {
  for (const int before : {0, 1, 2}) {
    for (const std::size_t n : {0, 1, 2, 3, 255, 256, 257, 600}) {
      Rng one(5, Purpose::compressor), many(5, Purpose::compressor);
      for (int i = 0; i < before; ++i) one.next(), many.next();
      std::vector<double> expected(n), out(n);
      for (double& x : expected) x = one.uniform();
      many.uniforms(out);
      CHECK(out == expected);
      CHECK(many.next() == one.next());
    }
  }
}

TEST_CASE("uniform, below and normal have the moments they should") {
  Rng rng(7, Purpose::data);
  const int n = 200000;
  double u = 0, g = 0, g2 = 0, g4 = 0;
  std::vector<int> counts(6);
  for (int i = 0; i < n; ++i) {
    const double x = rng.uniform(), z = rng.normal();
    REQUIRE((x >= 0 && x < 1));
    u += x;
    g += z;
    g2 += z * z;
    g4 += z * z * z * z;
    ++counts[rng.below(6)];
  }
  CHECK(u / n == Approx(0.5).margin(0.004));
  CHECK(g / n == Approx(0).margin(0.012));
  CHECK(g2 / n == Approx(1).margin(0.016));
  CHECK(g4 / n == Approx(3).margin(0.12));
  for (int count : counts) CHECK(count == Approx(n / 6.0).epsilon(0.03));
}
