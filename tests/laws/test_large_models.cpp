#include <cmath>
#include <numeric>

#include "algorithms/data/sampler.hpp"
#include "algorithms/methods/cosine_transform.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/methods/streaming_diloco.hpp"
#include "algorithms/problems/logistic.hpp"
#include "sim/rounds/learner.hpp"
#include "tests/laws/setup.hpp"
#include "tests/sim/runs.hpp"

// What large-model methods must coincide with, and what is on their wires.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json untimed(json entry, const char* wire) {
  entry["label"] = "x";
  json source = small_scenario(entry);
  source["problem"]["objective"] = source["problem"]["reduction"] = "mean";
  source["platform"] = {{"type", "none"}};
  source["network"]["wire"] = wire;
  source["stop"]["rounds"] = 30;
  return source;
}

std::string rows_untimed(const json& entry, const char* wire = "float64") {
  return rows_of(scenario_of(untimed(entry, wire)));
}

std::string refused(const json& source) {
  try {
    scenario_of(source);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

json local(const char* method, json more) {
  more["method"] = method;
  more["batch"] = 4;
  if (!more.contains("step")) more["step"] = 0.02;
  return more;
}

// The model after each of some rounds.
std::vector<Vector> models(Method method, Round rounds) {
  Learner learner(method);
  std::vector<Vector> out;
  for (Round k = 0; k < rounds; ++k) {
    learner.round(k);
    out.push_back(learner.model());
  }
  return out;
}

// Two workers of some samples each on a model of two layers and a vector.
struct Layered {
  explicit Layered(Wire wire = Wire::float64) {
    std::vector<Dataset> shards;
    Rng rng(7, Purpose::data);
    for (int m = 0; m < 2; ++m) {
      RowMatrix x(5, d);
      for (double& entry : x.reshaped()) entry = rng.normal();
      shards.push_back({x, Vector::Ones(5), "test"});
    }
    problem = make_logistic(std::move(shards), {});
    problem.blocks = {{"a", 0, 6, 10}, {"bias", 60, 6, 1}, {"b", 66, 4, 6}};
    setup.round = {.d = d, .wire = wire, .seed = 1};
  }
  Method method(const json& entry) const {
    Params in(entry, "s.json", "");
    return find(methods::methods(), entry["method"].get<std::string>())->make(setup, in);
  }
  static constexpr Index d = 90;
  Problem problem;
  Setup setup{problem, {}, "cyclic", Schedule{}};
};

}  // namespace

TEST_CASE("law: a local step is what its definition says") {
  const Layered one;
  const Oracle& f = *one.problem.workers[0];
  const auto batches = data::cyclic_batches(5, 2);
  for (const char* kind : {"sgd", "momentum", "adamw"}) {
    INFO(kind);
    const json nothing = json::object();
    Params own(nothing, "", "");
    const auto update = find(methods::local_updates(), std::string(kind))->make(one.setup, own)(0);
    Vector x = Vector::Constant(one.d, 0.1), m = Vector::Zero(one.d), v = m, g(one.d), moved = m;
    const Vector from = x;
    for (int t = 1; t <= 20; ++t) {
      f.gradient(x, batches->draw(t - 1), g);
      update->step(0.01, from - moved, g, moved);
      for (Index i = 0; i < one.d; ++i) {
        if (kind == std::string("sgd")) {
          x[i] -= 0.01 * g[i];
        } else if (kind == std::string("momentum")) {
          m[i] = 0.9 * m[i] + g[i];
          x[i] -= 0.01 * m[i];
        } else {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          const double step = (m[i] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
          x[i] -= 0.01 * step + 0.01 * 0.1 * x[i];
        }
      }
      CHECK((from - moved - x).lpNorm<Eigen::Infinity>() < 1e-13);
    }
  }
}

TEST_CASE("DiLoCo and SlowMo without momentum are local SGD, and DiLoCo in one fragment is DiLoCo") {
  for (const char* wire : {"float32", "float64"})
    for (const char* update : {"sgd", "momentum", "adamw"}) {
      INFO(wire << ", " << update);
      const json inner = {{"H", 3}, {"local_update", update}};
      const auto with = [&](json more) {
        more.update(inner);
        return more;
      };
      const std::string plain = rows_untimed(local("local-sgd", inner), wire);
      CHECK(rows_untimed(local("diloco", with({{"server_momentum", 0}, {"server_step", 1}})), wire) == plain);
      CHECK(rows_untimed(local("fedavg", with({{"clients", 2}})), wire) ==
            rows_untimed(local("diloco", with({{"server_momentum", 0},
                                               {"server_step", 1},
                                               {"participation", {{"type", "sampled"}, {"clients", 2}}}})),
                         wire));
      const auto a = csv(plain), b = csv(rows_untimed(local("slowmo", with({{"server_momentum", 0}})), wire));
      REQUIRE(a.size() == b.size());
      for (std::size_t k = 0; k < a.size(); ++k)
        CHECK(std::stod(a[k][loss]) ==
              Approx(std::stod(b[k][loss])).epsilon(wire == std::string("float64") ? 1e-12 : 1e-6));
    }
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    const Layered two(wire);
    const json entry = {{"method", "diloco"}, {"step", 0.02}, {"batch", 2}, {"H", 4}};
    Params in(entry, "", "");
    const auto whole = models(two.method(entry), 12),
               streamed = models(methods::streaming_diloco(two.setup, in, 1, 0, 0), 12);
    for (std::size_t k = 0; k < whole.size(); ++k) CHECK(whole[k] == streamed[k]);
  }
}

TEST_CASE("one worker's outer steps have the closed forms of their recursions") {
  // Every local step of SGD on x^2/2 takes the share gamma off x.
  const auto run = [](const json& entry) {
    json source = untimed(entry, "float64");
    source["problem"] = {{"type", "toy"}, {"function", "quadratic"}};
    source.erase("data");
    source["workers"] = 1;
    source["algorithms"][0]["start"] = 2;
    std::vector<double> out;
    for (const auto& row : csv(rows_of(scenario_of(source)))) out.push_back(std::sqrt(2 * std::stod(row[loss])));
    return out;
  };
  const json inner = {{"method", "diloco"}, {"local_update", "sgd"}, {"step", 0.1}, {"H", 3}, {"batch", 1}};
  json slow = inner;
  slow["method"] = "slowmo";
  const double share = 1 - std::pow(0.9, 3);
  const auto diloco = run(inner), slowmo = run(slow);
  double x = 2, v = 0, y = 2, u = 0;
  for (std::size_t k = 0; k < diloco.size(); ++k) {
    CHECK(diloco[k] == Approx(std::abs(x)).epsilon(1e-12).margin(1e-13));
    CHECK(slowmo[k] == Approx(std::abs(y)).epsilon(1e-12).margin(1e-13));
    const double moved = share * x;
    v = 0.9 * v + moved;
    x -= 0.7 * (moved + 0.9 * v);
    u = 0.5 * u + share * y / 0.1;
    y -= 0.1 * u;
  }
}

TEST_CASE("blocks tile every layer, and their largest entries travel and come back") {
  const Layered one;
  for (const Index side : {1, 2, 3, 4, 64}) {
    methods::BlockModel blocks(one.problem, side, side * side, 3);
    std::vector<int> covered(one.d, 0);
    for (const auto& layer : blocks.layers())
      for (Index n = 0; n < layer.blocks(); ++n)
        for (Index i = 0; i < layer.block(n).size(); ++i) ++covered[static_cast<std::size_t>(layer.block(n).entry(i))];
    CHECK(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  }
  // Blocks of 3 x 5 in the first layer, the bias in one piece, 4 x 3 in the last; indices of 4, 3 and 4 bits.
  methods::BlockModel blocks(one.problem, 5, 25, 2);
  Vector v(one.d);
  Rng rng(3, Purpose::data);
  for (double& x : v) x = rng.normal();
  v[11] = -100;  // row 1, column 1
  v[25] = 50;    // row 2, column 5: the second block of the first three rows
  methods::KeptEntries kept, back;
  blocks.choose(v, kept);
  CHECK(std::count(kept.at.begin(), kept.at.end(), 11) == 1);
  CHECK(std::count(kept.at.begin(), kept.at.end(), 25) == 1);
  REQUIRE(kept.at.size() == 2 * (4 + 1 + 2));
  Message message;
  {
    BitWriter out(message, Wire::float64);
    blocks.write(kept, out);
  }
  CHECK(message.bits == 8 * (64 + 4) + 2 * (64 + 3) + 4 * (64 + 4));
  {
    BitReader in(message, Wire::float64);
    blocks.read(in, back);
    in.expect_end();
  }
  CHECK(back.at == kept.at);
  CHECK(back.values == kept.values);
  {
    BitWriter out(message, Wire::float64);
    blocks.write_binned(kept, 2, out);
  }
  CHECK(message.bits == 3 * 4 * 64 + 8 * (2 + 4) + 2 * (2 + 3) + 4 * (2 + 4));
  BitReader in(message, Wire::float64);
  blocks.read_binned(in, 2, back);
  in.expect_end();
  CHECK(back.at == kept.at);
  const auto outlier = static_cast<std::size_t>(std::find(kept.at.begin(), kept.at.end(), 11) - kept.at.begin());
  CHECK(back.values[outlier] == Approx(-100));  // it has a bin of its own
  // Bins keep the sum of each layer's values.
  CHECK(std::accumulate(back.values.begin(), back.values.begin() + 8, 0.0) ==
        Approx(std::accumulate(kept.values.begin(), kept.values.begin() + 8, 0.0)));
  // A block of 4096 needs 12 bits.
  Problem large;
  large.d = 128 * 64;
  large.blocks = {{"a", 0, 128, 64}};
  CHECK(methods::BlockModel(large, 64, 4096, 64).layers().front().index_bits == 12);
}

TEST_CASE("the cosine transform is orthonormal, and finds a cosine") {
  const Layered one;
  const methods::BlockModel blocks(one.problem, 5, 5, 2);
  const methods::CosineTransform transform(blocks);
  Vector v(one.d), q(one.d), back(one.d);
  Rng rng(3, Purpose::data);
  for (double& x : v) x = rng.normal();
  transform.forward(blocks, v, q);
  transform.back(blocks, q, back);
  CHECK((back - v).norm() < 1e-13 * v.norm());
  CHECK(q.norm() == Approx(v.norm()).epsilon(1e-13));
  // Rows 0 to 2 and columns 5 to 9 of the first layer: cosine 1 along the rows, 2 along the columns.
  v.setZero();
  const double pi = std::acos(-1.0);
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 5; ++j)
      v[i * 10 + 5 + j] =
          std::cos(pi * static_cast<double>(2 * i + 1) / 6) * std::cos(pi * static_cast<double>(2 * (2 * j + 1)) / 10);
  transform.forward(blocks, v, q);
  CHECK(std::abs(q[1 * 10 + 5 + 2]) == Approx(v.norm()).epsilon(1e-12));
}

TEST_CASE("SparseLoCo that sends everything is local AdamW averaged, and so is what its memory loses nothing of") {
  const json inner = {{"H", 3}, {"local_update", "adamw"}};
  const auto with = [&](json more) {
    more.update(inner);
    return more;
  };
  const auto a = csv(rows_untimed(local("local-sgd", inner))),
             b = csv(rows_untimed(local("sparse-loco", with({{"decay", 0.5}, {"server_step", 1}}))));
  for (std::size_t k = 0; k < a.size(); ++k)
    CHECK(std::stod(a[k][loss]) == Approx(std::stod(b[k][loss])).epsilon(1e-12));
}

TEST_CASE("large-model methods refuse what they cannot do, with the reason") {
  const auto error = [](const json& entry) { return refused(untimed(entry, "float32")); };
  const std::string at = "test.json: /algorithms/0/";
  CHECK(error(local("sgd", {{"local_update", "adamw"}})) ==
        at + "local_update: says how a worker takes local steps, and this entry has none: give \"local_steps\"");
  CHECK(error(local("slowmo", {{"H", 2}, {"update", "gd"}})) == at + "update: \"slowmo\" is the server's step itself");
  CHECK(error(local("diloco", {{"H", 6}, {"fragments", 4}})) ==
        at + "fragments: expected a number that divides the 6 local steps of \"H\", got 4");
  CHECK(error(local("diloco", {{"H", 6}, {"fragments", 3}, {"delay", 2}})) ==
        at + "delay: expected fewer than the 2 steps from one fragment to the next, got 2");
  CHECK(error(local("diloco", {{"H", 6}, {"fragments", 3}, {"compressor", "sign"}})) ==
        at + "compressor: a model in \"fragments\" is not composed of slots: \"local_update\" is the one that it has");
  json timed = untimed(local("diloco", {{"H", 6}, {"fragments", 3}, {"delay", 1}}), "float32");
  timed["platform"] = small_scenario()["platform"];
  CHECK(refused(timed).find(at + "delay: an exchange that goes on while workers compute is not timed") == 0);
  timed["algorithms"][0]["delay"] = 0;
  CHECK(refused(timed) == "no error");
}

TEST_CASE("a default step of 1/L is refused along what is no gradient's size") {
  for (const json& more :
       {json{{"update", "adam"}}, json{{"update", "amsgrad"}}, json{{"compressor", "sign"}},
        json{{"compressor", "sign"}, {"aggregate", "majority-vote"}}, json{{"memory", "adam-error-feedback"}},
        json{{"local_steps", 2}, {"local_update", "adamw"}}})
    for (const char* method : {"gd", "lag-wk", "qgd"}) {
      json entry = more;
      entry["method"] = method;
      if (method == std::string("qgd")) entry["bits"] = 4;
      if (method == std::string("lag-wk") && more.contains("aggregate")) continue;
      INFO(entry.dump());
      const std::string found = refused(untimed(entry, "float32"));
      CHECK((found.find("/step: missing: the default, 1/L, suits gradients, and ") != std::string::npos ||
             found.find("/memory: ") != std::string::npos));
      entry["step"] = 0.001;
      CHECK(refused(untimed(entry, "float32")).find("/step") == std::string::npos);
    }
  CHECK(refused(untimed({{"method", "gd"}, {"update", {{"type", "momentum"}}}}, "float32")) == "no error");
  CHECK(refused(untimed({{"method", "gd"}, {"update", "nesterov"}}, "float32")) == "no error");
}
