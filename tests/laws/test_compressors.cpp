#include <Eigen/SVD>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/base/expression.hpp"
#include "algorithms/base/simd.hpp"
#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/laws/setup.hpp"

// Laws that every compressor of the registry keeps.

using namespace laconic::tests;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

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
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      for (const Index d : {1, 2, 63, 64, 65, 1000}) {
        const TestSetup s(d, wire);
        const auto c = made(entry, s);
        for (const Vector& v : vectors(d)) {
          INFO(entry.name << ", d = " << d);
          const Message message = encoded(*c, v, wire);
          Constants constants = bit_constants(d, wire);
          const Vector out = decoded(*c, message, wire);
          constants["n"] = static_cast<double>((out.array() != 0).count());
          CHECK(static_cast<double>(message.bits) == evaluate_expression(entry.bits, constants));
          CHECK(c->payload_bits(wire).value_or(message.bits) == message.bits);
          CHECK(c->payload_bits(wire).has_value() == (std::string_view(entry.name) != "stoc-mv"));
          CHECK(message.bytes.size() == (message.bits + 7) / 8);
          CHECK((encoded(*made(entry, s), v, wire).bytes == encoded(*made(entry, s), v, wire).bytes));
          REQUIRE(out.size() == d);
          CHECK(out.allFinite());
          if (!c->lossy())
            for (Index i = 0; i < d; ++i) CHECK(out[i] == rounded(v[i], wire));
          if (c->votes())
            for (Index i = 0; i < d; ++i) CHECK(std::abs(out[i]) == std::abs(out[0]));
        }
      }
    }
  }
}

TEST_CASE("law: a message that was cut or lengthened throws, whatever is in it") {
  Rng rng(5, Purpose::data);
  for (const auto& entry : methods::compressors()) {
    const TestSetup s(70, Wire::float32);
    const auto c = made(entry, s);
    for (const Vector& v : vectors(70)) {
      INFO(entry.name);
      const Message message = encoded(*c, v, Wire::float32);
      Message cut = message, longer = message;
      cut.bits -= 1;
      cut.bytes.resize((cut.bits + 7) / 8);
      longer.bits += 1;
      longer.bytes.resize((longer.bits + 7) / 8);
      CHECK_THROWS_AS(decoded(*c, cut, Wire::float32), std::out_of_range);
      CHECK_THROWS_AS(decoded(*c, longer, Wire::float32), std::out_of_range);
      CHECK_THROWS_AS(decoded(*c, Message{}, Wire::float32), std::out_of_range);
      for (int trial = 0; trial < 50; ++trial) {
        Message damaged = message;
        damaged.bytes[rng.below(damaged.bytes.size())] ^= static_cast<std::byte>(1 + rng.below(255));
        Vector out = Vector::Zero(70);
        try {
          out = decoded(*c, damaged, Wire::float32);
        } catch (const std::out_of_range&) {
        }
        CHECK(out.size() == 70);
      }
    }
  }
}

TEST_CASE(
    "law: zeros, denormals, the largest numbers and what is not finite are decoded to something, without a crash") {
  const double tiny = std::numeric_limits<double>::denorm_min(), huge = std::numeric_limits<double>::max();
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      const TestSetup s(5, wire);
      const auto c = made(entry, s);
      for (const double x : {not_a_number, inf, -inf, huge, -huge, tiny, -tiny, 0.0, -0.0, 1e300}) {
        for (const double y : {0.0, 1.0, -1e-3, x}) {
          Vector v(5);
          v << y, x, y, -y, x;
          INFO(entry.name << ", " << x << ", " << y);
          CHECK(decoded(*c, encoded(*c, v, wire), wire).size() == 5);
        }
      }
      // A gradient that has blown up must not come out as a harmless one.
      const auto bad = decoded(*c, encoded(*c, Vector::Constant(5, not_a_number), wire), wire);
      if (std::string_view(entry.bits).find('w') != std::string_view::npos) CHECK_FALSE(bad.allFinite());
    }
  }
}

namespace {

// A 6 x 6 matrix of rank 1, column by column, both signs in rows and columns, no entry 0: no code need mix its entries.
Vector both_signs() {
  const Vector row = (Vector(6) << 1, -1.5, 2, -1.2, -1.7, 1.1).finished();
  const Vector column = (Vector(6) << -1.3, 1, 1.6, -2, 1.4, -1.8).finished();
  return (column * row.transpose()).reshaped();
}

// Each entry comes out with the sign it went in with, or as 0; and not all come out as 0.
bool keeps_signs(const Compressor& c, const Vector& v, Wire wire) {
  const Vector out = decoded(c, encoded(c, v, wire), wire);
  return (out.array() * v.array() >= 0).all() && out.dot(v) > 0;
}

// Decodes every entry to its magnitude.
class LosesMinus final : public Compressor {
 public:
  explicit LosesMinus(std::unique_ptr<Compressor> inner) : inner_(std::move(inner)) {}
  void encode(const Vector& v, Rng& rng, BitWriter& out) const override { inner_->encode(v, rng, out); }
  void decode(BitReader& in, Rng& rng, Vector& v) const override {
    inner_->decode(in, rng, v);
    v = v.cwiseAbs();
  }

 private:
  std::unique_ptr<Compressor> inner_;
};

}  // namespace

TEST_CASE("law: a decoder keeps the signs of what was encoded") {
  const Vector v = both_signs();
  nlohmann::json parameters = part_parameters();
  parameters["k"] = 12;  // a random choice of so many is never empty
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      INFO(entry.name);
      const TestSetup s(v.size(), wire);
      CHECK(keeps_signs(*made(entry, s, parameters), v, wire));
      CHECK(keeps_signs(*made(entry, s, parameters), -v, wire));
      const LosesMinus broken(made(entry, s, parameters));
      CHECK_FALSE((keeps_signs(broken, v, wire) && keeps_signs(broken, -v, wire)));
    }
  }
}

TEST_CASE("compressors decode to their definitions") {
  const TestSetup s(4, Wire::float64);
  const Vector v = Eigen::Vector4d(3, -1, 0, -4);
  const auto through = [&](const char* name, const nlohmann::json& parameters = nlohmann::json::object()) {
    const auto c = made(name, s, parameters);
    return decoded(*c, encoded(*c, v, Wire::float64), Wire::float64);
  };
  CHECK(through("identity") == v);
  CHECK(through("sign") == Eigen::Vector4d(1, -1, 1, -1));
  CHECK(through("scaled-sign") == Eigen::Vector4d(2, -2, 2, -2));
  CHECK(through("l1-sign") == Eigen::Vector4d(8, -8, 8, -8));
  CHECK(through("top-k", {{"k", 2}}) == Eigen::Vector4d(3, 0, 0, -4));
  CHECK(through("top-k", {{"k", 0.25}}) == Eigen::Vector4d(0, 0, 0, -4));
  CHECK(through("top-k", {{"k", 9}}) == v);
  CHECK(through("rand-k", {{"k", 9}}) == v);
  CHECK(through("rand-k", {{"k", 4}, {"unbiased", true}}) == v);
  CHECK(through("stoc-mv", {{"k", 3}}) == v);  // three non-zeros: nothing is left to chance
  // R = 4, t = 1/3: levels at -4, -4/3, 4/3, 4
  CHECK((through("laq", {{"bits", 2}}) - Eigen::Vector4d(4, -4.0 / 3, 4.0 / 3, -4)).norm() < 1e-15);
}

TEST_CASE("top-k: of equal magnitudes the lower index stays") {
  const TestSetup s(6, Wire::float64);
  const auto c = made("top-k", s, {{"k", 3}});
  Vector v(6), expected(6);
  v << 1, -2, 1, -1, 1, 0;
  expected << 1, -2, 1, 0, 0, 0;
  CHECK(decoded(*c, encoded(*c, v, Wire::float64), Wire::float64) == expected);
  CHECK(decoded(*c, encoded(*c, Vector::Zero(6), Wire::float64), Wire::float64) == Vector::Zero(6));
}

TEST_CASE("qsgd and laq keep every entry within one level of itself") {
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    const TestSetup s(200, wire);
    Rng rng(1, Purpose::data);
    Vector v(200);
    for (double& x : v) x = rng.normal();
    for (int b = 2; b <= 32; ++b) {
      const auto q = decoded(*made("qsgd", s, {{"bits", b}}), encoded(*made("qsgd", s, {{"bits", b}}), v, wire), wire);
      CHECK((q - v).lpNorm<Eigen::Infinity>() <= v.norm() / (std::pow(2.0, b - 1) - 1) * (1 + 1e-6));
      const auto l = decoded(*made("laq", s, {{"bits", b}}), encoded(*made("laq", s, {{"bits", b}}), v, wire), wire);
      const double R = v.lpNorm<Eigen::Infinity>();
      CHECK((l - v).lpNorm<Eigen::Infinity>() <= R / (std::pow(2.0, b) - 1) * (1 + 1e-6));
    }
  }
}

TEST_CASE("law: processors with wide registers and without send the same bits, and read the same from them") {
  for (const Index d : {1, 7, 515, 1037}) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      const TestSetup s(d, wire);
      Rng rng(2, Purpose::data);
      Vector v(d);
      for (double& x : v) x = rng.normal();
      for (const int bits : {2, 3, 4, 8, 15, 16, 17, 32}) {
        for (const auto& entry : methods::compressors()) {
          INFO(entry.name << ", d = " << d << ", bits " << bits);
          std::vector<Message> sent;
          const auto read = in_all_widths([&] {
            const auto c = made(entry, s, {{"k", 1}, {"bits", bits}});
            return decoded(*c, sent.emplace_back(encoded(*c, v, wire)), wire);
          });
          for (std::size_t i = 1; i < read.size(); ++i) {
            CHECK(sent[i].bits == sent[0].bits);
            CHECK(sent[i].bytes == sent[0].bytes);
            CHECK(read[i] == read[0]);
          }
        }
      }
    }
  }
}

// Each coordinate's mean of n draws is within 6.5 standard errors of v_i, but for a chance below 1e-10 a coordinate by
// the normal law; at most 7 compressors x 12 coordinates x 2 wires: below 2e-8 in all. The draws are fixed besides.
TEST_CASE("law: compressors that claim to be unbiased are, and their variance is at most omega ||v||^2") {
  constexpr Index d = 12;
  constexpr int n = 40000;
  int unbiased = 0;
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    const TestSetup s(d, wire);
    Vector v(d);
    for (Index i = 0; i < d; ++i) v[i] = (i % 2 ? -1 : 1) * std::pow(0.6, static_cast<double>(i));
    for (const auto& entry : methods::compressors()) {
      const auto c = made(entry, s, {{"k", 3}, {"bits", 3}, {"unbiased", true}});
      const bool stoc_mv = std::string_view(entry.name) == "stoc-mv";  // unbiased, its variance depends on v
      if (!c->omega() && !stoc_mv) continue;
      ++unbiased;
      Vector sum = Vector::Zero(d), squares = Vector::Zero(d);
      double kept = 0;
      for (int draw = 0; draw < n; ++draw) {
        const auto seed = static_cast<std::uint64_t>(draw);
        const Vector x = decoded(*c, encoded(*c, v, wire, seed), wire, seed) - v;
        sum += x;
        squares += x.cwiseAbs2();
        kept += static_cast<double>((x.array() + v.array() != 0).count());
      }
      const Vector mean = sum / n, deviation = (squares / n - mean.cwiseAbs2()).cwiseMax(0).cwiseSqrt();
      INFO(entry.name);
      for (Index i = 0; i < d; ++i) {
        INFO("coordinate " << i << ", deviation " << deviation[i]);
        CHECK(std::abs(mean[i]) <= 6.5 * deviation[i] / std::sqrt(n) + 1e-7 * std::abs(v[i]));
      }
      if (c->omega()) CHECK(squares.sum() / n <= 1.05 * *c->omega() * v.squaredNorm() + 1e-12);
      if (stoc_mv || std::string_view(entry.name) == "rand-k") CHECK(kept / n == Approx(3).epsilon(0.02));
    }
  }
  CHECK(unbiased == 2 * 6);
}

TEST_CASE("a low-rank message of full rank is the matrix, and power iterations on one matrix find its best part") {
  const TestSetup s(12, Wire::float64);
  Rng rng(2, Purpose::data);
  Vector v(12);
  for (double& x : v) x = rng.normal();
  const auto full = made("low-rank", s, {{"rank", 3}, {"rows", 4}});
  CHECK((decoded(*full, encoded(*full, v, Wire::float64), Wire::float64) - v).norm() < 1e-12);
  const auto one = made("low-rank", s, {{"rank", 1}, {"rows", 4}});
  Vector last;
  for (int i = 0; i < 200; ++i) last = decoded(*one, encoded(*one, v, Wire::float64), Wire::float64);
  const Eigen::MatrixXd V = v.reshaped(4, 3);
  const Vector singular = V.jacobiSvd().singularValues();
  CHECK((last - v).norm() == Approx(singular.tail(2).norm()).epsilon(1e-9));
}

namespace {

// A model of three layers: 12 x 5, 12 biases, 4 x 12.
void name_layers(TestSetup& s) {
  s.problem.blocks = {{"fc1.weight", 0, 12, 5}, {"fc1.bias", 60, 12, 1}, {"fc2.weight", 72, 4, 12}};
}
constexpr Index layered = 120;

Vector layered_vector(std::uint64_t seed) {
  Rng rng(seed, Purpose::data);
  Vector v(layered);
  for (double& x : v) x = rng.normal();
  v.head(60) *= 100;
  v.tail(48) *= 0.01;
  return v;
}

std::unique_ptr<Compressor> by_layer_of(const PartEntry<Compressor>& entry, const TestSetup& s,
                                        nlohmann::json parameters) {
  parameters["by_layer"] = true;
  Params in(parameters, "s.json", "/algorithms/0/compressor");
  return compressor_of(entry, s.setup, in)(0);
}

}  // namespace

TEST_CASE("law: by layer, a message is the layers' messages, one behind the other, and decodes to theirs") {
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    TestSetup s(layered, wire);
    name_layers(s);
    const Vector v = layered_vector(1);
    for (const auto& entry : methods::compressors()) {
      INFO(entry.name);
      const auto c = by_layer_of(entry, s, part_parameters());
      const Message message = encoded(*c, v, wire);
      const Vector out = decoded(*c, message, wire);
      Rng whole(1, Purpose::compressor);  // the layers draw from one stream
      std::uint64_t bits = 0;
      bool lossy = false;
      Vector expected(layered);
      for (const auto& block : s.problem.blocks) {
        Setup one = s.setup;
        one.layer = block;
        Params in(part_parameters(), "", "");
        const auto codec = entry.make(one, in)(0);
        const Vector part = v.segment(block.offset, block.rows * block.cols);
        Message own;
        Rng before = whole;
        {
          BitWriter writer(own, wire);
          codec->encode(part, whole, writer);
        }
        BitReader reader(own, wire);
        Vector back;
        codec->decode(reader, before, back);
        bits += own.bits;
        lossy |= codec->lossy();
        expected.segment(block.offset, part.size()) = back;
      }
      CHECK(message.bits == bits);
      CHECK(out == expected);
      CHECK(c->lossy() == lossy);
      Message cut = message;
      cut.bits -= 1;
      cut.bytes.resize((cut.bits + 7) / 8);
      CHECK_THROWS_AS(decoded(*c, cut, wire), std::out_of_range);
    }
  }
}

TEST_CASE("law: what a compressor that takes every entry on its own makes of one, the others do not change") {
  int entrywise = 0;
  const TestSetup s(layered);
  const Vector v = layered_vector(5);
  Vector w = 100 * v.reverse();
  w[7] = v[7];
  for (const auto& entry : methods::compressors()) {
    INFO(entry.name);
    const auto c = made(entry, s);
    if (!c->entrywise()) continue;
    ++entrywise;
    CHECK(decoded(*c, encoded(*c, v, Wire::float64), Wire::float64)[7] ==
          decoded(*c, encoded(*c, w, Wire::float64), Wire::float64)[7]);
  }
  CHECK(entrywise == 3);
}

TEST_CASE("by layer, bits are those of the formula at each layer's size") {
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    TestSetup s(layered, wire);
    name_layers(s);
    const Vector v = layered_vector(2);
    for (const char* name : {"identity", "scaled-sign", "l1-sign", "top-k", "rand-k", "qsgd", "laq", "terngrad"}) {
      INFO(name);
      const auto& entry = *find(methods::compressors(), name);
      double bits = 0;
      for (const auto& block : s.problem.blocks)
        bits += evaluate_expression(entry.bits, bit_constants(block.rows * block.cols, wire));
      CHECK(static_cast<double>(encoded(*by_layer_of(entry, s, part_parameters()), v, wire).bits) == bits);
      if (const auto known = by_layer_of(entry, s, part_parameters())->payload_bits(wire))
        CHECK(static_cast<double>(*known) == bits);
    }
  }
  // Three of 60, three of 12, three of 48, indices of 6, 4 and 6 bits; a share is of each layer.
  TestSetup s(layered);
  name_layers(s);
  const auto& top_k = *find(methods::compressors(), "top-k");
  const Vector v = layered_vector(3);
  CHECK(encoded(*by_layer_of(top_k, s, {{"k", 3}}), v, Wire::float64).bits == 9 * 64 + 3 * (6 + 4 + 6));
  const Vector kept = decoded(*by_layer_of(top_k, s, {{"k", 0.25}}),
                              encoded(*by_layer_of(top_k, s, {{"k", 0.25}}), v, Wire::float64), Wire::float64);
  CHECK((kept.head(60).array() != 0).count() == 15);
  CHECK((kept.segment(60, 12).array() != 0).count() == 3);
  CHECK((kept.tail(48).array() != 0).count() == 12);  // of the whole vector's 30 largest none would be here
}

TEST_CASE("low-rank reads each layer as the matrix it is, a layer of one column travels as it is") {
  TestSetup s(layered);
  name_layers(s);
  const auto c = made("low-rank", s, {{"rank", 2}});
  const Vector v = layered_vector(4);
  const Message message = encoded(*c, v, Wire::float64);
  CHECK(message.bits == 64 * (2 * (12 + 5) + 12 + 2 * (4 + 12)));
  const Vector out = decoded(*c, message, Wire::float64);
  CHECK(out.segment(60, 12) == v.segment(60, 12));
  // Full rank where a layer has no more: 4 of 4 x 12.
  const auto full = made("low-rank", s, {{"rank", 5}});
  CHECK((decoded(*full, encoded(*full, v, Wire::float64), Wire::float64) - v).norm() < 1e-12 * v.norm());
  // The best of rank 1, row by row, once the power iteration has found it.
  const auto one = made("low-rank", s, {{"rank", 1}});
  Vector last;
  for (int i = 0; i < 300; ++i) last = decoded(*one, encoded(*one, v, Wire::float64), Wire::float64);
  const RowMatrix V = RowMatrix::Map(v.data(), 12, 5);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(V, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const RowMatrix best = svd.singularValues()[0] * svd.matrixU().col(0) * svd.matrixV().col(0).transpose();
  CHECK((RowMatrix::Map(last.data(), 12, 5) - best).norm() < 1e-6 * best.norm());
  // "rows" reads the whole vector as one matrix.
  CHECK(encoded(*made("low-rank", s, {{"rank", 1}, {"rows", 10}}), v, Wire::float64).bits == 64 * (10 + 12));
  CHECK_THROWS_WITH(made("low-rank", s, {{"rank", 6}}),
                    ": /rank: expected at most 5, the largest rank of a layer, got 6");
}

TEST_CASE("unbiased by layer: omega is the largest of the layers', and no problem without layers has any") {
  TestSetup s(layered);
  name_layers(s);
  const auto& rand_k = *find(methods::compressors(), "rand-k");
  const auto c = by_layer_of(rand_k, s, {{"k", 3}, {"unbiased", true}});
  CHECK(*c->omega() == Approx(60 / 3.0 - 1));
  CHECK(!by_layer_of(*find(methods::compressors(), "top-k"), s, {{"k", 3}})->omega());
  CHECK(by_layer_of(*find(methods::compressors(), "laq"), s, {{"bits", 4}})->innovation());
  CHECK(by_layer_of(*find(methods::compressors(), "sign"), s, nlohmann::json::object())->votes());
  CHECK_FALSE(by_layer_of(*find(methods::compressors(), "scaled-sign"), s, nlohmann::json::object())->votes());
  const TestSetup flat(layered);
  CHECK_THROWS_WITH(
      by_layer_of(rand_k, flat, {{"k", 3}}),
      "s.json: /algorithms/0/compressor/by_layer: this problem's model has no layers: those of \"neural\" and \"workload\" have");
}
