#include <fmt/format.h>

#include <cstdio>

#include "algorithms/base/random.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

namespace {

constexpr Index n = 7770, d = 8315;  // Reuters' training set
constexpr double density = 0.005;

Dataset sparse_data() {
  Rng rng(1, Purpose::data);
  std::vector<Eigen::Triplet<double, std::int32_t>> entries;
  for (std::int32_t i = 0; i < n; ++i)
    for (std::int32_t j = 0; j < d; ++j)
      if (rng.uniform() < density) entries.emplace_back(i, j, rng.normal());
  SparseRows x(n, d);
  x.setFromTriplets(entries.begin(), entries.end());
  Vector y(n);
  for (double& label : y) label = rng.below(2) ? 1 : -1;
  return {std::move(x), std::move(y), "sparse"};
}

// scipy's two products with a matrix of this shape; 0 where there is no scipy.
double scipy_seconds() {
  const auto command = fmt::format("/usr/bin/python3 {}/tests/bench/scipy_products.py {} {} {} 2>/dev/null",
                                   LACONIC_SOURCE_DIR, n, d, density);
  double seconds = 0;
  if (std::FILE* pipe = popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%lf", &seconds) != 1) seconds = 0;
    pclose(pipe);
  }
  return seconds;
}

}  // namespace

void bench_sparse(Log& log, const BenchOptions& options) {
  const Dataset data = sparse_data();
  const auto stored = static_cast<double>(data.stored());
  const Problem p = make_logistic({data}, {.l2 = 0.001});
  const Vector theta = Vector::Constant(d, 0.01);
  Vector g(d);
  log.title(fmt::format("sparse logistic gradient and loss, {} x {}, {:.0f} entries: ns an entry", n, d, stored));
  std::vector<double> ns, ratios;
  for (int i = 0; i < options.turns; ++i) {
    std::vector<double> seconds(21);
    for (double& s : seconds) s = seconds_of([&] { p.workers[0]->loss(theta, {{}, n, true}, &g); });
    const double ours = spread(seconds).median;
    ns.push_back(1e9 * ours / stored);
    if (const double theirs = scipy_seconds(); theirs > 0) ratios.push_back(ours / theirs);
  }
  log.row("sparse", "gradient and loss; scipy: the two products", "ns", ns, "scipy", ratios);
}
