#include <fmt/format.h>

#include <thread>

#include "algorithms/base/random.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

namespace {

Dataset dense(Index n, Index d) {
  Rng rng(1, Purpose::data);
  Dataset data{RowMatrix(n, d), Vector(n), "dense"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped()) x = std::ldexp(static_cast<double>(rng.next()), -63) - 1;
  for (Index i = 0; i < n; ++i) data.y[i] = i % 2 ? 1 : -1;
  return data;
}

Vector model(Index d) {
  Rng rng(2, Purpose::data);
  Vector theta(d);
  for (double& x : theta) x = 0.05 * rng.normal();
  return theta;
}

// Without the constants that nobody asks for here, and whose computation takes long.
Problem split(const Dataset& data, int M, Precision precision) {
  std::vector<Dataset> shards;
  const auto& x = std::get<RowMatrix>(data.x);
  const Index n = data.samples() / M;
  for (int m = 0; m < M; ++m) shards.push_back({RowMatrix(x.middleRows(m * n, n)), data.y.segment(m * n, n), ""});
  Problem p;
  p.d = x.cols();
  for (auto& shard : shards) {
    const auto add = [&]<class Real>(RowsOf<Real> rows) {
      p.workers.push_back(std::make_unique<LinearOracle<LogisticLoss, Real>>(std::move(rows), std::move(shard.y),
                                                                             LinearOptions{}, LogisticLoss{}));
    };
    if (precision == Precision::float32)
      add(in_float32(shard.x));
    else
      add(RowsOf<double>(std::move(shard.x)));
  }
  return p;
}

}  // namespace

void bench_gradients(Log& log, const BenchOptions& options) {
  const Index n = 20000, d = 1000;
  const int turns = options.quick ? options.turns : 3 * options.turns;
  const Dataset data = dense(n, d);
  const auto& x = std::get<RowMatrix>(data.x);
  const auto entries = static_cast<std::size_t>(x.size());
  const double gigabytes = static_cast<double>(entries) * sizeof(double) / 1e9;
  const Vector theta = model(d);
  Vector g(d);
  log.title(
      fmt::format("logistic regression, n = {}, d = {}, dense: ms, against one streaming read ({:.2g} GB) of the data",
                  n, d, gigabytes));
  const auto measure = [&](const char* what, double part, auto&& work) {
    std::vector<double> ms, ratios;
    work();
    for (int i = 0; i < turns; ++i) {
      const double read = streaming_read(x.data(), entries) * part, taken = seconds_of(work);
      ms.push_back(1e3 * taken);
      ratios.push_back(taken / read);
    }
    log.row("gradients", what, "ms", ms, "read", ratios);
  };
  std::vector<double> rates;
  for (int i = 0; i < turns; ++i) rates.push_back(gigabytes / streaming_read(x.data(), entries));
  log.row("gradients", "streaming read on one core", "GB/s", rates);

  ThreadTeam alone, team(static_cast<int>(std::thread::hardware_concurrency()));
  {
    const Problem p = split(data, 10, Precision::float64);
    measure("gradient and loss, 10 workers", 1, [&] { p.loss(theta, &g); });
    measure("loss alone", 1, [&] { p.loss(theta); });
    measure("gradient alone", 1, [&] {
      for (const auto& f_m : p.workers) f_m->gradient(theta, {{}, f_m->samples(), true}, g);
    });
    measure(fmt::format("gradient and loss on {} threads", team.size()).c_str(), 1, [&] { p.loss(theta, &g, team); });
    std::vector<std::int32_t> rows(2000);
    Rng rng(3, Purpose::batch);
    for (auto& row : rows) row = static_cast<std::int32_t>(rng.below(2000));
    measure("gradient of 40 batches of 50 random rows", 0.1, [&] {
      for (std::size_t b = 0; b < 40; ++b)
        p.workers[0]->gradient(theta, {std::span(rows).subspan(50 * b, 50), 50, false}, g);
    });
  }
  {
    const Problem p = split(data, 10, Precision::float32);
    measure("float32: gradient and loss, against half a read", 0.5, [&] { p.loss(theta, &g); });
  }
}
