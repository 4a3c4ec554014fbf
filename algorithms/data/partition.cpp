#include "algorithms/data/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/gram.hpp"
#include "algorithms/data/transforms.hpp"

namespace laconic::data {
namespace {

using Row = std::int32_t;

std::vector<Row> file_order(Index n) {
  std::vector<Row> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

void shuffle(std::vector<Row>& rows, Rng& rng) {
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[rng.below(i)]);
}

Rng seeded(Params& in, std::uint64_t seed, Purpose purpose) {
  return Rng(static_cast<std::uint64_t>(
                 in.count("seed", static_cast<std::int64_t>(seed), 0, "seed of the split (default: the scenario's)")),
             purpose);
}

// Who would own nothing takes a sample from who owns most.
void feed_the_empty(Partition& out) {
  for (auto& rows : out) {
    if (!rows.empty()) continue;
    auto& richest =
        *std::max_element(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    rows.push_back(richest.back());
    richest.pop_back();
  }
}

Partition in_file_order(Params&, const Vector& labels, int M, std::uint64_t) {
  return contiguous(file_order(labels.size()), M);
}

Partition shuffled(Params& in, const Vector& labels, int M, std::uint64_t seed) {
  auto order = file_order(labels.size());
  Rng rng = seeded(in, seed, Purpose::partition);
  shuffle(order, rng);
  return contiguous(order, M);
}

Partition by_sizes(Params& in, const Vector& labels, int M, std::uint64_t) {
  const Index n = labels.size();
  const auto* sizes = in.look("sizes", "required", "a list of whole numbers, one a worker",
                              "how many rows, in file order, each worker owns (sizes)");
  if (!sizes || !sizes->is_array()) in.fail("sizes", "a list of whole numbers, one a worker");
  if (sizes->size() != static_cast<std::size_t>(M))
    in.refuse("sizes", fmt::format("expected one size for each of the {} workers, got {}", M, sizes->size()));
  Partition out;
  std::int64_t next = 0;
  for (const auto& entry : *sizes) {
    const std::int64_t size = entry.is_number_integer() ? entry.get<std::int64_t>() : 0;
    if (size < 1) in.fail("sizes", "whole numbers of at least 1");
    if (size > n - next) in.refuse("sizes", fmt::format("expected sizes that add up to at most the {} samples", n));
    auto& rows = out.emplace_back(static_cast<std::size_t>(size));
    std::iota(rows.begin(), rows.end(), static_cast<Row>(next));
    next += size;
  }
  if (next != n) in.refuse("sizes", fmt::format("the sizes add up to {}, but there are {} samples", next, n));
  return out;
}

// Rows sorted by label, cut into shards, each worker getting as many. (McMahan et al., AISTATS 2017, section 3)
Partition by_label(Params& in, const Vector& labels, int M, std::uint64_t seed) {
  const auto shards = in.count("shards", 1, 1, "pieces of the sorted samples that each worker gets", 1'000'000);
  Rng rng = seeded(in, seed, Purpose::partition);
  if (shards * M > labels.size())
    in.refuse("shards",
              fmt::format("{} shards for each of {} workers are more than the {} samples", shards, M, labels.size()));
  auto order = file_order(labels.size());
  std::stable_sort(order.begin(), order.end(), [&](Row a, Row b) { return labels[a] < labels[b]; });
  if (shards == 1) return contiguous(order, M);
  const Partition pieces = contiguous(order, static_cast<int>(shards * M));
  auto deal = file_order(static_cast<Index>(pieces.size()));
  shuffle(deal, rng);
  Partition out(static_cast<std::size_t>(M));
  for (std::size_t i = 0; i < deal.size(); ++i) {
    const auto& piece = pieces[static_cast<std::size_t>(deal[i])];
    auto& rows = out[i / static_cast<std::size_t>(shards)];
    rows.insert(rows.end(), piece.begin(), piece.end());
  }
  return out;
}

// log of a Gamma(shape, 1) variate. (Marsaglia, Tsang: "A simple method for generating gamma variables", ACM TOMS 26,
// 2000; in logarithms, since for a small shape the variate itself is often 0)
double log_gamma_variate(double shape, Rng& rng) {
  if (shape < 1) return log_gamma_variate(shape + 1, rng) + std::log1p(-rng.uniform()) / shape;
  const double a = shape - 1.0 / 3, c = 1 / std::sqrt(9 * a);
  for (;;) {
    const double x = rng.normal(), v = std::pow(1 + c * x, 3);
    if (1 + c * x <= 0) continue;
    if (std::log1p(-rng.uniform()) < 0.5 * x * x + a - a * v + a * std::log(v)) return std::log(a * v);
  }
}

// Every class is dealt to the workers in shares drawn from Dirichlet(alpha, ..., alpha). (Hsu, Qi, Brown: "Measuring
// the effects of non-identical data distribution for federated visual classification", 2019)
Partition dirichlet(Params& in, const Vector& labels, int M, std::uint64_t seed) {
  const double alpha = in.number("alpha", {}, positive, "small: few classes a worker; large: alike workers");
  Rng rng = seeded(in, seed, Purpose::skew);
  std::map<double, std::vector<Row>> classes;
  for (Row i = 0; i < labels.size(); ++i) classes[labels[i]].push_back(i);
  if (classes.size() > 10000 || (classes.size() > 2 && 2 * static_cast<Index>(classes.size()) > labels.size()))
    in.refuse("type", fmt::format("\"dirichlet\" deals out classes, and these {} labels have {} different values",
                                  labels.size(), classes.size()));
  Partition out(static_cast<std::size_t>(M));
  Vector share(M);
  for (auto& [label, rows] : classes) {
    for (double& g : share) g = log_gamma_variate(alpha, rng);
    share = (share.array() - share.maxCoeff()).exp();
    share /= share.sum();
    shuffle(rows, rng);
    double until = 0;
    std::size_t next = 0;
    for (int m = 0; m < M; ++m) {
      until += share[m];
      const auto end =
          m + 1 == M
              ? rows.size()
              : std::min(rows.size(), static_cast<std::size_t>(std::llround(until * static_cast<double>(rows.size()))));
      for (; next < end; ++next) out[static_cast<std::size_t>(m)].push_back(rows[next]);
    }
  }
  for (auto& rows : out) std::sort(rows.begin(), rows.end());
  feed_the_empty(out);
  return out;
}

// Shuffled, worker m owning a share in proportion to m^-exponent, m = 1..M.
Partition quantity_skew(Params& in, const Vector& labels, int M, std::uint64_t seed) {
  const double exponent = in.number("exponent", 1, {"a number from 0 to 20", 0, 20}, "shares go as m^-exponent");
  auto order = file_order(labels.size());
  Rng rng = seeded(in, seed, Purpose::partition);
  shuffle(order, rng);
  double all = 0;
  for (int m = 1; m <= M; ++m) all += std::pow(m, -exponent);
  Partition out;
  double until = 0;
  std::size_t next = 0;
  for (int m = 1; m <= M; ++m) {
    until += std::pow(m, -exponent) / all;
    const auto end =
        m == M
            ? order.size()
            : std::min(order.size(), static_cast<std::size_t>(std::llround(until * static_cast<double>(order.size()))));
    out.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(next),
                     order.begin() + static_cast<std::ptrdiff_t>(end));
    next = end;
  }
  feed_the_empty(out);
  return out;
}

Partition feature_scale(Params& in, const Vector& labels, int M, std::uint64_t seed) {
  in.ignore("growth");  // read_after_split reads it
  return in_file_order(in, labels, M, seed);
}

std::vector<std::string> partition_names() {
  std::vector<std::string> out;
  for (const auto& entry : partitions()) out.emplace_back(entry.name);
  return out;
}

std::string partition_name(Params& data) {
  return data.part_name("partition", "contiguous", partition_names(), "which worker owns which rows");
}

double largest_eigenvalue(const Dataset& data, const SmoothnessLaw& law) {
  const WeightedRows gram{&data.x, law.bound / (law.mean ? static_cast<double>(data.samples()) : 1)};
  return largest_gram_eigenvalue({&gram, 1});
}

}  // namespace

std::span<const PartitionEntry> partitions() {
  static const PartitionEntry table[] = {
      {"by-label", by_label, "sorted by label, each worker with the same number of shards"},
      {"contiguous", in_file_order, "next to each other in the file"},
      {"dirichlet", dirichlet, "label skew: each class dealt out in shares from Dirichlet(alpha)"},
      {"feature-scale", feature_scale, "contiguous, features scaled so that L_m = (growth^{m-1} + 1)^2, m = 1..M"},
      {"quantity-skew", quantity_skew, "shuffled, with shares that go as m^-exponent"},
      {"shuffled", shuffled, "at random"},
      {"sizes", by_sizes, "the next rows in file order, as many as said for each worker"},
  };
  return table;
}

Partition contiguous(const std::vector<std::int32_t>& order, int M) {
  const auto n = static_cast<std::int64_t>(order.size());
  Partition out;
  for (std::int64_t m = 0; m < M; ++m) out.emplace_back(order.begin() + m * n / M, order.begin() + (m + 1) * n / M);
  return out;
}

Partition make_partition(Params& data, const Vector& labels, int M, std::uint64_t seed) {
  const auto name = partition_name(data);
  Params in = data.part("partition");
  if (labels.size() < M)
    throw InputError(
        fmt::format("{}: /workers: expected at most the number of samples, {}, got {}", data.file(), labels.size(), M));
  for (const auto& entry : partitions())
    if (entry.name == name) return entry.make(in, labels, M, seed);
  throw std::logic_error(name);
}

AfterSplit read_rescaling(Params& data, int M, const SmoothnessLaw& law) {
  if (partition_name(data) != "feature-scale") return [](std::vector<Dataset>&) {};
  Params in = data.part("partition");
  const double growth =
      in.number("growth", 1.3, {"a number of at least 1", 1}, "of sqrt(L_m) - 1 from worker to worker");
  if (law.bound == 0) in.refuse("type", "\"feature-scale\" wants a problem whose smoothness constants are known");
  if (law.l2 >= 4)
    in.refuse("type", fmt::format("\"feature-scale\" wants L_1 = 4, which the regulariser's {} exceeds", law.l2));
  if (!(M * std::log10(growth) < 100))
    in.refuse("growth", fmt::format("L_m would grow past any bound with {} workers", M));
  return [growth, law](std::vector<Dataset>& shards) { scale_to_growing_smoothness(shards, growth, law); };
}

AfterSplit read_after_split(Params& data, int M, const SmoothnessLaw& law) {
  AfterSplit rescale = read_rescaling(data, M, law);
  const auto source = data.look("type", "required", "", "");
  const char* usual = source && *source == "le-synthetic" ? "worker" : "sample";
  if (data.choice("terms", usual, {"sample", "worker"}, "what the loss has a term for; worker: of its row y_m' X_m") ==
      "sample")
    return rescale;
  return [rescale](std::vector<Dataset>& shards) {
    rescale(shards);
    sum_up_each_worker(shards);
  };
}

void sum_up_each_worker(std::vector<Dataset>& shards) {
  for (Dataset& shard : shards) {
    if ((shard.y.array().abs() != 1).any())
      throw InputError(shard.name + ": \"terms\": \"worker\" wants a problem of two classes, labels 1 and -1");
    RowMatrix row = std::visit([&](const auto& x) { return RowMatrix(shard.y.transpose() * x); }, shard.x);
    shard.x = std::move(row);
    shard.y = Vector::Ones(1);
  }
}

void scale_to_growing_smoothness(std::vector<Dataset>& shards, double growth, const SmoothnessLaw& law) {
  for (std::size_t m = 0; m < shards.size(); ++m) {
    const double L_m = std::pow(std::pow(growth, static_cast<double>(m)) + 1, 2);
    const double now = largest_eigenvalue(shards[m], law);
    if (now == 0)
      throw InputError(
          fmt::format("{}: worker {} has nothing but zeros: its features cannot be scaled", shards[m].name, m));
    const double factor = std::sqrt((L_m - law.l2) / now);
    std::visit([&](auto& x) { x *= factor; }, shards[m].x);
  }
}

std::vector<Dataset> split(const Dataset& data, const Partition& partition) {
  std::vector<Dataset> out;
  for (const auto& rows : partition) out.push_back(select(data, rows));
  return out;
}

}  // namespace laconic::data
