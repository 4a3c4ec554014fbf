#include <ATen/Parallel.h>

#include <fstream>
#include <thread>

#include "tests/problems/neural_problem.hpp"

// Networks that are built in. (User's own: test_torchscript.cpp)

using namespace laconic::tests;
using nlohmann::json;

namespace {

struct Case {
  json block;
  std::vector<Index> shape;
  int classes;
};

// Smooth and kinked activations, with and without convolutions, both losses.
std::vector<Case> cases() {
  const json cnn = {{"type", "cnn"}, {"channels", {2, 3}}, {"kernel", 3}, {"layers", {4}}, {"activation", "elu"}};
  json bare = cnn;
  bare.update({{"channels", {2}}, {"padding", "none"}, {"activation", "relu"}});
  return {
      {{{"model", {{"type", "mlp"}, {"layers", {4, 3}}, {"activation", "tanh"}}}}, {5}, 3},
      {{{"model", {{"type", "mlp"}}}, {"l2", 0.1}, {"nonconvex", 0.2}, {"reduction", "sum"}}, {5}, 2},
      {{{"model", {{"type", "mlp"}, {"layers", {3}}, {"activation", "sigmoid"}}}, {"loss", "squared-error"}}, {4}, 9},
      {{{"model", cnn}}, {2, 6, 8}, 3},
      {{{"model", bare}, {"l2", 0.01}}, {6, 6}, 2}};
}

Problem problem_of(const Case& c, const char* precision, Index n = 30) {
  json block = c.block;
  block["precision"] = precision;
  return neural_of(block, labelled(n, c.shape, c.classes));
}

}  // namespace

TEST_CASE("a network's gradient is one: finite differences in double precision, full and mini-batch") {
  const std::vector<std::int32_t> rows{3, 3, 20, 0, 17};
  for (const Case& c : cases()) {
    INFO(c.block.dump());
    const Problem p = problem_of(c, "float64");
    const Oracle& f = *p.workers[0];
    Rng rng(3, Purpose::noise);
    for (const Batch& xi : {all_of(f), Batch{rows, 5, false}}) {
      Vector g(p.d), alone(p.d);
      const double value = f.loss(p.start, xi, &g);
      f.gradient(p.start, xi, alone);
      CHECK(g == alone);
      CHECK(value == f.loss(p.start, xi));
      for (int trial = 0; trial < 25; ++trial) {
        const auto j = static_cast<Index>(rng.below(static_cast<std::uint64_t>(p.d)));
        const double h = 1e-6;
        Vector up = p.start, down = p.start;
        up[j] += h;
        down[j] -= h;
        INFO("coordinate " << j);
        CHECK(g[j] == Approx((f.loss(up, xi) - f.loss(down, xi)) / (2 * h)).epsilon(1e-6).margin(1e-8));
      }
    }
  }
}

TEST_CASE("single precision is the same network, to single precision") {
  for (const Case& c : cases()) {
    INFO(c.block.dump());
    const Problem single = problem_of(c, "float32"), exact = problem_of(c, "float64");
    CHECK(distance(single.start, exact.start) < 1e-7);
    Vector g, h;
    CHECK(single.loss(exact.start, &g) == Approx(exact.loss(exact.start, &h)).epsilon(1e-5));
    CHECK(distance(g, h) < 1e-5);
  }
}

TEST_CASE("samples that go through a network in several passes count like those that go in one") {
  const Case c = cases()[0];
  const Problem p = problem_of(c, "float64", 600);
  const Oracle& f = *p.workers[0];
  Vector all(p.d), sum = Vector::Zero(p.d), g(p.d);
  const double value = f.loss(p.start, all_of(f), &all);
  double values = 0;
  std::vector<std::int32_t> rows(60);
  for (std::int32_t first = 0; first < 600; first += 60) {
    std::iota(rows.begin(), rows.end(), first);
    values += f.loss(p.start, {rows, 60, false}, &g) / 10;
    sum += g / 10;
  }
  CHECK(values == Approx(value).epsilon(1e-12));
  CHECK(distance(sum, all) < 1e-12);
  // More rows in a batch than a pass takes.
  std::vector<std::int32_t> many(1200);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 600);
  CHECK(f.loss(p.start, {many, 1200, false}) == Approx(value).epsilon(1e-12));
}

TEST_CASE("sparse samples are the same samples") {
  const json block = {{"model", {{"type", "mlp"}, {"layers", {3}}}}};
  Dataset dense = labelled(20, {6}, 2);
  auto& x = std::get<RowMatrix>(dense.x);
  x = (x.array() > 0).select(x, 0);
  Dataset sparse = dense;
  sparse.x = SparseRows(x.sparseView());
  const Problem a = neural_of(block, dense), b = neural_of(block, sparse);
  CHECK(a.loss(a.start) == b.loss(b.start));
}

TEST_CASE("built-in networks have the papers' layers, weights and flops") {
  const auto shapes = [](const Problem& p) {
    std::string out;
    Index next = 0;
    for (const auto& block : p.blocks) {
      CHECK(block.offset == next);
      next += block.rows * block.cols;
      out += block.name + " " + std::to_string(block.rows) + " x " + std::to_string(block.cols) + "\n";
    }
    CHECK(next == p.d);
    return out;
  };
  const Dataset images = labelled(20, {28, 28}, 10);
  // LASG's two padded 5x5 convolutions of 32 and 64 channels, then 512 units: 28 -> 14 -> 7.
  const Problem lasg = neural_of({{"model", {{"type", "cnn"}, {"activation", "elu"}}}}, images);
  CHECK(shapes(lasg) ==
        "conv1.weight 32 x 25\nconv1.bias 32 x 1\nconv2.weight 64 x 800\nconv2.bias 64 x 1\n"
        "fc1.weight 512 x 3136\nfc1.bias 512 x 1\nfc2.weight 10 x 512\nfc2.bias 10 x 1\n");
  CHECK(lasg.d == 1663370);
  // 2 (28^2 32 25 + 14^2 64 800 + 512 3136 + 10 512) forward, twice that backward
  CHECK(lasg.workers[0]->flops({{}, 1, true}) == 3 * 2.0 * (784 * 32 * 25 + 196 * 64 * 800 + 512 * 3136 + 10 * 512));
  CHECK(lasg.workers[0]->flops({{}, 20, true}) == 20 * lasg.workers[0]->flops({{}, 1, true}));
  // MH's without padding: 28 -> 24 -> 12 -> 8 -> 4.
  const Problem mh = neural_of({{"model", {{"type", "cnn"}, {"padding", "none"}}}}, images);
  CHECK(mh.blocks[4].cols == 64 * 4 * 4);
  CHECK(mh.d == 582026);
  CHECK(mh.workers[0]->flops({{}, 1, true}) == 3 * 2.0 * (576 * 32 * 25 + 64 * 64 * 800 + 512 * 1024 + 10 * 512));

  const Problem mlp = neural_of({{"model", {{"type", "mlp"}, {"layers", {7, 5}}}}}, labelled(20, {11}, 3));
  CHECK(shapes(mlp) ==
        "fc1.weight 7 x 11\nfc1.bias 7 x 1\nfc2.weight 5 x 7\nfc2.bias 5 x 1\nfc3.weight 3 x 5\nfc3.bias 3 x 1\n");
  CHECK(mlp.workers[0]->flops({{}, 4, true}) == 4 * 3 * 2 * (7 * 11 + 5 * 7 + 3 * 5));
  // Images of colours, and flat data said to be images.
  CHECK(neural_of({{"model", {{"type", "cnn"}, {"channels", {4}}, {"layers", {2}}}}}, labelled(9, {3, 8, 8}, 3)).d ==
        (3 * 25 + 1) * 4 + (4 * 16 + 1) * 2 + 3 * 3);
  CHECK(neural_of({{"model", {{"type", "cnn"}, {"channels", {4}}}}, {"input", {3, 8, 8}}}, labelled(9, {192}, 3))
            .blocks[0]
            .cols == 75);
}

TEST_CASE("a network depends on its seed alone, and computes the same bits every time") {
  const auto made = [](int seed) {
    return neural_of({{"model", {{"type", "cnn"}, {"channels", {3}}, {"layers", {5}}}}, {"seed", seed}},
                     labelled(300, {12, 12}, 4));
  };
  const Problem a = made(1), b = made(1), c = made(2);
  CHECK(a.start == b.start);
  CHECK(a.start != c.start);
  const double bound = 1 / std::sqrt(25.0);  // of conv1.weight, 1/sqrt(fan-in)
  CHECK(a.start.head(75).cwiseAbs().maxCoeff() <= bound);
  CHECK(a.start.head(75).cwiseAbs().maxCoeff() > 0.8 * bound);
  Vector g, h;
  CHECK(a.loss(a.start, &g) == b.loss(b.start, &h));
  CHECK(g == h);
  CHECK(c.loss(a.start, &h) == a.loss(a.start));
  CHECK(g == h);
  for (const auto& f_m : a.workers) {  // with the loss and without
    const Batch all{{}, f_m->samples(), true};
    g.resize(a.d);
    f_m->gradient(a.start, all, g);
    f_m->loss(a.start, all, &h);
    CHECK(g == h);
  }
}

TEST_CASE("libtorch has one thread a process") {
  const Problem p = neural_of({{"model", {{"type", "cnn"}, {"channels", {8}}}}}, labelled(300, {16, 16}, 4));
  Vector g;
  p.loss(p.start, &g);
  CHECK(at::get_num_threads() == 1);
  std::ifstream status("/proc/self/status");
  std::string word;
  int threads = 0;
  while (status >> word)
    if (word == "Threads:") status >> threads;
  CHECK(threads == 1);
}

TEST_CASE("workers on several threads compute what they compute one after the other") {
  json block = {{"model", {{"type", "cnn"}, {"channels", {3}}, {"layers", {5}}}}};
  Params in(block, "s.json", "/problem");
  const ProblemPlan plan = neural(in, {});
  std::vector<Dataset> shards;
  Dataset all = labelled(400, {8, 8}, 4);
  plan.prepare(all, nullptr);
  for (Index m = 0; m < 4; ++m)
    shards.push_back({RowMatrix(std::get<RowMatrix>(all.x).middleRows(100 * m, 100)), all.y.segment(100 * m, 100),
                      "shard", all.shape});
  const Problem p = plan.make({std::move(shards), {}}, false);
  const auto model = [&](std::size_t m) -> Vector { return p.start * (1 + 0.1 * static_cast<double>(m)); };
  std::vector<Vector> alone(4, Vector(p.d)), together(4, Vector(p.d));
  for (std::size_t m = 0; m < 4; ++m) p.workers[m]->gradient(model(m), {{}, 100, true}, alone[m]);
  std::vector<std::thread> threads;
  for (std::size_t m = 0; m < 4; ++m)
    threads.emplace_back([&, m] {
      for (int i = 0; i < 5; ++i) p.workers[m]->gradient(model(m), {{}, 100, true}, together[m]);
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t m = 0; m < 4; ++m) CHECK(alone[m] == together[m]);
}

TEST_CASE("a network learns, and accuracy is of the test set where there is one") {
  const json block = {{"model", {{"type", "mlp"}, {"layers", {8}}}}};
  const auto data = [](Index n, std::uint64_t seed) {  // the sign of the first feature is the class
    Dataset out = labelled(n, {3}, 2, seed);
    for (Index i = 0; i < n; ++i) out.y[i] = std::get<RowMatrix>(out.x)(i, 0) > 0 ? 5 : 3;
    return out;
  };
  Params in(block, "s.json", "/problem");
  const ProblemPlan plan = neural(in, {});
  Dataset train = data(200, 1), test = data(50, 2);
  plan.prepare(train, &test);
  Dataset wrong = test;
  wrong.y = 1 - wrong.y.array();
  const Problem p = plan.make({{train}, test}, false), flipped = plan.make({{train}, wrong}, false);
  Vector theta = p.start, g;
  const double before = p.loss(theta);
  for (int k = 0; k < 200; ++k) {
    p.loss(theta, &g);
    theta -= 0.5 * g;
  }
  CHECK(p.loss(theta) < 0.2 * before);
  CHECK(p.accuracy(theta) > 0.9);
  CHECK(p.accuracy(theta) + flipped.accuracy(theta) == Approx(1));
}

TEST_CASE("networks that do not fit the samples are refused") {
  const Dataset images = labelled(20, {8, 8}, 4), flat = labelled(20, {5}, 4);
  CHECK(neural_error({{"model", {{"type", "cnn"}}}}, flat) ==
        "s.json: /problem/input: expected channels, height and width for a \"cnn\", got 1 size");
  CHECK(neural_error({{"model", {{"type", "mlp"}}}, {"input", {2, 3}}}, flat) ==
        "s.json: /problem/input: expected a shape of the data's 5 features, got one of 6");
  CHECK(neural_error({{"model", {{"type", "mlp"}}}, {"input", {100000000, 100000000, 100000000}}}, flat) ==
        "s.json: /problem/input: expected a shape of the data's 5 features, got one of 1e+24");
  CHECK(neural_error({{"model", {{"type", "cnn"}, {"channels", {2, 2, 2, 2}}}}}, images) ==
        "s.json: /problem/model: nothing is left of the image behind convolution 4");
  CHECK(neural_error({{"model", {{"type", "cnn"}, {"kernel", 9}, {"padding", "none"}}}}, images) ==
        "s.json: /problem/model: nothing is left of the image behind convolution 1");
  CHECK(neural_error({{"model", {{"type", "mlp"}, {"layers", {50000, 50000}}}}}, flat) ==
        "s.json: /problem/model: expected at most 1e+09 weights, got 2.50035e+09 up to layer fc2");
  Dataset one = flat;
  one.y.setConstant(2);
  CHECK(neural_error({{"model", {{"type", "mlp"}}}}, one) ==
        "random: expected labels of 2 to 10000 classes, got only 2");
}
