#include <cmath>
#include <limits>

#include "algorithms/core/expression.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/laws/setup.hpp"

using namespace laconic;

namespace {

std::vector<Vector> vectors(Index d) {
  Rng rng(3, Purpose::data);
  std::vector<Vector> out{Vector::Zero(d), Vector::Constant(d, -1e-3)};
  for (int i = 0; i < 3; ++i) {
    Vector v(d);
    for (double& x : v) x = rng.normal() * std::pow(10.0, 3 * i - 3);
    v[d / 2] = 0;
    out.push_back(v);
  }
  return out;
}

}  // namespace

TEST_CASE("law: a compressor's message has exactly the specified length, and decode reads all of it") {
  for (const auto& entry : compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      for (const Index d : {1, 2, 63, 64, 65, 1000}) {
        const TestSetup s(d, wire);
        Params in(part_parameters(), "", "");
        const auto c = entry.make(s.setup, in)(0);
        const double expected =
            evaluate_expression(entry.bits, {{"w", static_cast<double>(bits_of(wire))}, {"d", static_cast<double>(d)}});
        for (const Vector& v : vectors(d)) {
          INFO(entry.name << ", d = " << d);
          Message message, again;
          Rng rng(1, Purpose::compressor), rng_again(1, Purpose::compressor);
          {
            BitWriter out(message, wire);
            c->encode(v, rng, out);
          }
          {
            BitWriter out(again, wire);
            c->encode(v, rng_again, out);
          }
          CHECK(static_cast<double>(message.bits) == expected);
          CHECK(message.bytes == again.bytes);
          BitReader reader(message, wire);
          Vector decoded;
          c->decode(reader, decoded);
          CHECK(reader.at_end());
          REQUIRE(decoded.size() == d);
          CHECK(decoded.allFinite());
          if (!c->lossy()) {
            for (Index i = 0; i < d; ++i)
              CHECK(decoded[i] == (wire == Wire::float64 ? v[i] : static_cast<double>(static_cast<float>(v[i]))));
          }
        }
      }
    }
  }
}

TEST_CASE("law: a compressor decodes what is not finite to something, without a crash") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const auto& entry : compressors()) {
    const TestSetup s(3, Wire::float32);
    Params in(part_parameters(), "", "");
    const auto c = entry.make(s.setup, in)(0);
    for (const Vector& v : {Vector(Eigen::Vector3d(nan, 1, 2)), Vector(Eigen::Vector3d(inf, -inf, 0)),
                            Vector(Eigen::Vector3d(1e300, 1, 1))}) {
      Message message;
      Rng rng(1, Purpose::compressor);
      {
        BitWriter out(message, Wire::float32);
        c->encode(v, rng, out);
      }
      BitReader reader(message, Wire::float32);
      Vector decoded;
      c->decode(reader, decoded);
      CHECK(decoded.size() == 3);
    }
  }
}

TEST_CASE("sign and scaled-sign decode to their definitions") {
  const Vector v = Eigen::Vector4d(3, -1, 0, -4);
  const auto decoded = [&](const char* name) {
    const TestSetup s(4, Wire::float64);
    Params in(part_parameters(), "", "");
    const auto c = find(compressors(), name)->make(s.setup, in)(0);
    Message message;
    Rng rng(1, Purpose::compressor);
    {
      BitWriter out(message, Wire::float64);
      c->encode(v, rng, out);
    }
    BitReader reader(message, Wire::float64);
    Vector out;
    c->decode(reader, out);
    return out;
  };
  CHECK(decoded("identity") == v);
  CHECK(decoded("sign") == Eigen::Vector4d(1, -1, 1, -1));
  CHECK(decoded("scaled-sign") == Eigen::Vector4d(2, -2, 2, -2));
}
