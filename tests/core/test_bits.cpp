#include <cmath>
#include <limits>

#include "algorithms/base/random.hpp"
#include "algorithms/base/simd.hpp"
#include "algorithms/core/bits.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;

TEST_CASE("bits of every width come back, whatever stands before them") {
  Rng rng(1, Purpose::data);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::pair<std::uint64_t, int>> fields;
    Message message;
    std::uint64_t total = 0;
    {
      BitWriter out(message, Wire::float32);
      for (int i = 0; i < 40; ++i) {
        const int width = static_cast<int>(rng.below(65));
        const std::uint64_t value = rng.next();
        out.bits(value, width);
        fields.emplace_back(width == 64 ? value : value & ((1ull << width) - 1), width);
        total += static_cast<std::uint64_t>(width);
      }
    }
    REQUIRE(message.bits == total);
    REQUIRE(message.bytes.size() == (total + 7) / 8);
    BitReader in(message, Wire::float32);
    for (const auto& [value, width] : fields) REQUIRE(in.bits(width) == value);
    REQUIRE(in.at_end());
  }
}

TEST_CASE("reals travel exactly at 64 bits and rounded to binary32 at 32, aligned or not") {
  const std::vector<double> values{0.0,   -0.0, 1.0 / 3, -1e300, 5e-324, std::numeric_limits<double>::infinity(),
                                   1e-40, -7.25};
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    for (const int before : {0, 1, 7, 8, 32, 33, 63}) {
      for (std::size_t count = 0; count <= values.size(); ++count) {
        Message message;
        {
          BitWriter out(message, wire);
          out.bits(0x5555555555555555, before);
          out.reals(std::span(values).first(count));
          out.bits(1, 1);
        }
        REQUIRE(message.bits ==
                static_cast<std::uint64_t>(before) + count * static_cast<std::uint64_t>(bits_of(wire)) + 1);
        BitReader in(message, wire);
        in.bits(before);
        std::vector<double> back(count);
        in.reals(back);
        for (std::size_t i = 0; i < count; ++i) {
          const double expected =
              wire == Wire::float64 ? values[i] : static_cast<double>(static_cast<float>(values[i]));
          REQUIRE(back[i] == expected);
          REQUIRE(std::signbit(back[i]) == std::signbit(expected));
        }
        REQUIRE(in.bits(1) == 1);
        REQUIRE(in.at_end());
      }
    }
  }
}

TEST_CASE("a sign is one bit, zero and what is no number count as +1") {
  Rng rng(2, Purpose::data);
  for (const std::size_t d : {1, 2, 63, 64, 65, 127, 128, 1000}) {
    for (const int before : {0, 5, 32}) {
      std::vector<double> values(d);
      for (double& v : values) v = rng.normal();
      values[0] = 0.0;
      values[d / 2] = -0.0;
      values[d - 1] = std::nan("");
      Message message;
      {
        BitWriter out(message, Wire::float64);
        out.bits(0, before);
        out.signs(values);
      }
      REQUIRE(message.bits == d + static_cast<std::uint64_t>(before));
      BitReader in(message, Wire::float64);
      in.bits(before);
      std::vector<double> back(d);
      in.signs(back, 2.5);
      for (std::size_t i = 0; i < d; ++i) REQUIRE(back[i] == (values[i] < 0 ? -2.5 : 2.5));
    }
  }
}

TEST_CASE("a message's storage is reused, and a shorter message is not followed by the old one's bytes") {
  Message message;
  const std::vector<double> many(100, 1.0), few(3, 2.0);
  { BitWriter(message, Wire::float64).reals(many); }
  const auto* storage = message.bytes.data();
  { BitWriter(message, Wire::float64).reals(few); }
  REQUIRE(message.bits == 192);
  REQUIRE(message.bytes.size() == 24);
  { BitWriter(message, Wire::float64).reals(many); }
  REQUIRE(message.bytes.data() == storage);
}

TEST_CASE("reading past a message's end is an error, not garbage") {
  Message message;
  { BitWriter(message, Wire::float32).bits(7, 3); }
  BitReader in(message, Wire::float32);
  REQUIRE_THROWS_AS(in.bits(4), std::out_of_range);
  REQUIRE_THROWS_AS(in.real(), std::out_of_range);
  std::vector<double> two(2);
  REQUIRE_THROWS_AS(in.reals(two), std::out_of_range);
  std::vector<double> four(4);
  REQUIRE_THROWS_AS(in.signs(four, 1), std::out_of_range);
}

TEST_CASE("many bits at once are the bits one by one, whatever stands before and behind them") {
  Rng rng(2, Purpose::data);
  for (int width = 1; width <= 57; ++width) {
    for (const int before : {0, 1, 13, 63}) {
      const std::size_t n = rng.below(40);
      std::vector<std::uint64_t> values(n);
      for (auto& value : values) value = rng.next() >> (64 - width);
      Message one, many;
      for (Message* message : {&one, &many}) {
        BitWriter out(*message, Wire::float32);
        out.bits(0x5555555555555555, before);
        std::size_t i = 0;
        if (message == &many) out.many(n, width, [&] { return values[i++]; });
        for (; i < n; ++i) out.bits(values[i], width);
        out.bits(5, 3);
      }
      REQUIRE(one.bits == many.bits);
      REQUIRE(one.bytes == many.bytes);
      BitReader in(many, Wire::float32);
      in.bits(before);
      std::vector<std::uint64_t> back;
      in.many(n, width, [&](std::uint64_t value) { back.push_back(value); });
      REQUIRE(back == values);
      REQUIRE(in.bits(3) == 5);
      REQUIRE(in.at_end());
      BitReader too_far(many, Wire::float32);
      CHECK_THROWS_AS(too_far.many(many.bits / static_cast<std::uint64_t>(width) + 1, width, [](std::uint64_t) {}),
                      std::out_of_range);
    }
  }
}

TEST_CASE("codes are the bits one by one at every width, whatever stands before and behind them") {
  Rng rng(4, Purpose::data);
  for (int width = 1; width <= 32; ++width) {
    for (const int before : {0, 8, 3, 32, 61, 64}) {
      for (const std::size_t n : {0, 1, 7, 8, 9, 31, 64, 511, 512, 513, 1100}) {
        std::vector<std::uint32_t> values(n);
        for (auto& value : values) value = static_cast<std::uint32_t>(rng.next() >> (64 - width));
        Message one;
        {
          BitWriter out(one, Wire::float32);
          out.bits(0x5555555555555555, before);
          for (const auto value : values) out.bits(value, width);
          out.bits(5, 3);
        }
        const auto read = in_all_widths([&] {
          Message many;
          {
            BitWriter out(many, Wire::float32);
            out.bits(0x5555555555555555, before);
            out.codes(values, width);
            out.bits(5, 3);
          }
          REQUIRE(many.bits == one.bits);
          REQUIRE(many.bytes == one.bytes);
          BitReader in(many, Wire::float32);
          in.bits(before);
          std::vector<std::uint32_t> back(n);
          in.codes(back, width);
          REQUIRE(in.bits(3) == 5);
          REQUIRE(in.at_end());
          std::vector<std::uint32_t> too_many(many.bits / static_cast<std::uint64_t>(width) + 1);
          CHECK_THROWS_AS(BitReader(many, Wire::float32).codes(too_many, width), std::out_of_range);
          return back;
        });
        for (const auto& back : read) REQUIRE(back == values);
      }
    }
  }
}

TEST_CASE("signs of every number are one bit: 0 for what is below zero") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), tiny = std::numeric_limits<double>::denorm_min();
  std::vector<double> values;
  for (int i = 0; i < 30; ++i)
    for (const double x : {0.0, -0.0, nan, -nan, tiny, -tiny, 1.0, -1.0, -1e300}) values.push_back(x);
  Message message;
  {
    BitWriter out(message, Wire::float64);
    out.signs(values);
  }
  CHECK(message.bits == values.size());
  BitReader in(message, Wire::float64);
  std::vector<double> back(values.size());
  in.signs(back, 2.5);
  for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(back[i] == (values[i] < 0 ? -2.5 : 2.5));
}
