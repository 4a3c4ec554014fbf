#include "algorithms/data/generators.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/memory.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/gram.hpp"

namespace laconic::data {
namespace {

void check_size(Params& in, std::int64_t blocks, std::int64_t rows, std::int64_t columns) {
  constexpr double most = 1e9;  // entries; 8 GB
  const double n = static_cast<double>(blocks) * static_cast<double>(rows);
  if (n * static_cast<double>(columns) > most || n > 2e9)
    in.refuse("samples", fmt::format("expected at most 1e9 entries in all, got {:g} x {}", n, columns));
  // The samples, and once more when they are split among the workers.
  if (const auto shortage = memory_shortage(16 * n * static_cast<double>(columns)); !shortage.empty())
    in.refuse("samples", fmt::format("{:g} x {} entries:{}", n, columns, shortage));
}

// L_m of the (m+1)-th worker.
double lag_smoothness(int m) { return std::pow(std::pow(1.3, m) + 1, 2); }

RowMatrix normal_rows(Index n, Index d, Rng rng) {
  RowMatrix x(n, d);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = rng.normal();
  return x;
}

Vector normal_vector(Index d, Rng rng) {
  Vector v(d);
  for (double& value : v) value = rng.normal();
  return v;
}

std::uint64_t seed_of(Params& in, std::uint64_t seed) {
  return static_cast<std::uint64_t>(
      in.count("seed", static_cast<std::int64_t>(seed), 0, "seed of the generated data (default: the scenario's)"));
}

// sign(x' u), unless the coin flips it.
double noisy_label(double score, double noise, Rng& coin) { return (score >= 0) == (coin.uniform() >= noise) ? 1 : -1; }

double noise_of(Params& in, double fallback) {
  return in.number("noise", fallback, {"a number from 0 to 0.5", 0, 0.5}, "share of labels flipped");
}

Dataset make_lag_synthetic(Index n, Index d, double noise, std::uint64_t seed, const DataContext& context) {
  const int M = context.M;
  const Vector u = normal_vector(d, Rng(seed, Purpose::labels, ~0u));
  RowMatrix x(n * M, d);
  Dataset out{RowMatrix{}, Vector(n * M), fmt::format("lag-synthetic ({} x {} x {}, seed {})", M, n, d, seed)};
  for (int m = 0; m < M; ++m) {
    const auto worker = static_cast<std::uint32_t>(m);
    Rows block = normal_rows(n, d, Rng(seed, Purpose::data, worker));
    const WeightedRows gram{&block, context.law.bound / (context.law.mean ? static_cast<double>(n) : 1)};
    auto& rows = std::get<RowMatrix>(block);
    rows *= std::sqrt((lag_smoothness(m) - context.law.l2) / largest_gram_eigenvalue({&gram, 1}));
    Rng coin(seed, Purpose::labels, worker);
    for (Index i = 0; i < n; ++i) out.y[m * n + i] = noisy_label(rows.row(i).dot(u), noise, coin);
    x.middleRows(m * n, n) = rows;
  }
  out.x = std::move(x);
  return out;
}

Dataset make_gaussian(Index n, Index d, double noise, std::uint64_t seed) {
  const Vector u = normal_vector(d, Rng(seed, Purpose::labels, ~0u));
  RowMatrix x = normal_rows(n, d, Rng(seed, Purpose::data));
  Dataset out{RowMatrix{}, Vector(n), fmt::format("gaussian ({} x {}, seed {})", n, d, seed)};
  Rng coin(seed, Purpose::labels);
  for (Index i = 0; i < n; ++i) out.y[i] = noisy_label(x.row(i).dot(u), noise, coin);
  out.x = std::move(x);
  return out;
}

// Columns ascending within a row: gaps between entries that are there are geometric.
SparseRows sparse_normal_rows(Index n, Index d, double density, Rng rng) {
  std::vector<std::int32_t> starts{0}, columns;
  std::vector<double> values;
  for (Index i = 0; i < n; ++i) {
    for (double j = 0;; ++j) {
      if (density < 1) j += std::floor(std::log1p(-rng.uniform()) / std::log1p(-density));
      if (!(j < static_cast<double>(d))) break;
      columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(rng.normal());
    }
    starts.push_back(static_cast<std::int32_t>(values.size()));
  }
  return SparseRows(Eigen::Map<const SparseRows>(n, d, static_cast<Index>(values.size()), starts.data(), columns.data(),
                                                 values.data()));
}

Dataset make_sparse_gaussian(Index n, Index d, double density, double noise, std::uint64_t seed) {
  const Vector u = normal_vector(d, Rng(seed, Purpose::labels, ~0u));
  SparseRows x = sparse_normal_rows(n, d, density, Rng(seed, Purpose::data));
  Dataset out{RowMatrix{}, Vector(n),
              fmt::format("sparse-gaussian ({} x {}, density {}, seed {})", n, d, density, seed)};
  Rng coin(seed, Purpose::labels);
  for (Index i = 0; i < n; ++i) out.y[i] = noisy_label(x.row(i).dot(u), noise, coin);
  out.x = std::move(x);
  return out;
}

// A number from 0 below the size, in proportion to the shares, which add up to 1.
Index drawn(const Vector& shares, Rng& rng) {
  double left = rng.uniform();
  Index i = 0;
  while (i + 1 < shares.size() && (left -= shares[i]) >= 0) ++i;
  return i;
}

Dataset make_covtype_like(Index n, std::uint64_t seed) {
  constexpr Index numbers = 10, areas = 4, soils = 40, d = numbers + areas + soils;
  const Eigen::Vector4d area_shares(0.449, 0.051, 0.436, 0.064);
  Vector soil_shares = Vector::LinSpaced(soils, 1, soils).cwiseInverse();
  soil_shares /= soil_shares.sum();
  const Vector u = normal_vector(d, Rng(seed, Purpose::labels, ~0u));
  RowMatrix x = RowMatrix::Zero(n, d);
  Dataset out{RowMatrix{}, Vector(n), fmt::format("covtype-like, generated ({} x {}, seed {})", n, d, seed)};
  Rng rng(seed, Purpose::data), coin(seed, Purpose::labels);
  for (Index i = 0; i < n; ++i) {
    double before = rng.normal();
    for (Index j = 0; j < numbers; ++j) x(i, j) = before = 0.5 * before + std::sqrt(0.75) * rng.normal();
    x(i, numbers + drawn(area_shares, rng)) = 1;
    x(i, numbers + areas + drawn(soil_shares, rng)) = 1;
    out.y[i] = noisy_label(x.row(i).dot(u), 0.24, coin);
  }
  out.x = std::move(x);
  return out;
}

Dataset make_epsilon_like(Index n, std::uint64_t seed) {
  Dataset out = make_gaussian(n, 2000, 0.1, seed);
  out.name = fmt::format("epsilon-like, generated ({} x 2000, seed {})", n, seed);
  std::get<RowMatrix>(out.x).rowwise().normalize();
  return out;
}

}  // namespace

LoadData sparse_gaussian(Params& in, const DataContext& context) {
  const double noise = noise_of(in, 0.1);
  const auto n = in.count("samples", {}, 1, "rows in all", 1'000'000'000);
  const auto d = in.count("features", {}, 1, "columns", 1'000'000'000);
  const double density =
      in.number("density", 0.01, {"a number above 0 and at most 1", 0, 1, true}, "probability of an entry");
  const auto seed = seed_of(in, context.seed);
  constexpr double most = 1e9;
  if (const double entries = static_cast<double>(n) * static_cast<double>(d) * density; entries > most)
    in.refuse("density", fmt::format("expected at most {:g} entries in all, got about {:g}", most, entries));
  return [=](const Dataset*) { return make_sparse_gaussian(n, d, density, noise, seed); };
}

LoadData covtype_like(Params& in, const DataContext& context) {
  const auto n = in.count("samples", 581012, 1, "rows in all");
  const auto seed = seed_of(in, context.seed);
  check_size(in, 1, n, 54);
  return [=](const Dataset*) { return make_covtype_like(n, seed); };
}

LoadData epsilon_like(Params& in, const DataContext& context) {
  const auto n = in.count("samples", {}, 1, "rows in all (epsilon has 400000)");
  const auto seed = seed_of(in, context.seed);
  check_size(in, 1, n, 2000);
  return [=](const Dataset*) { return make_epsilon_like(n, seed); };
}

LoadData lag_synthetic(Params& in, const DataContext& context) {
  const auto n = in.count("samples", 50, 1, "rows of each worker");
  const auto d = in.count("features", 50, 1, "columns");
  const double noise = noise_of(in, 0);
  const auto seed = seed_of(in, context.seed);
  check_size(in, context.M, n, d);
  if (context.law.bound == 0) in.refuse("type", "lag-synthetic wants a problem whose smoothness constants are known");
  if (context.M > 500) in.refuse("type", "lag-synthetic's L_m grow by 1.69 a worker: expected at most 500 workers");
  if (context.law.l2 >= lag_smoothness(0))
    in.refuse("type", fmt::format("lag-synthetic wants L_1 = {}, which l2 = {} alone exceeds", lag_smoothness(0),
                                  context.law.l2));
  return [=](const Dataset*) { return make_lag_synthetic(n, d, noise, seed, context); };
}

LoadData le_synthetic(Params& in, const DataContext& context) {
  return [load = lag_synthetic(in, context)](const Dataset* like) {
    Dataset data = load(like);
    data.name.replace(0, std::string("lag").size(), "le");
    return data;
  };
}

LoadData gaussian(Params& in, const DataContext& context) {
  const double noise = noise_of(in, 0.1);
  const auto n = in.count("samples", {}, 1, "rows in all");
  const auto d = in.count("features", {}, 1, "columns");
  const auto seed = seed_of(in, context.seed);
  check_size(in, 1, n, d);
  return [=](const Dataset*) { return make_gaussian(n, d, noise, seed); };
}

}  // namespace laconic::data
