#include "algorithms/data/partition.hpp"

#include <fmt/format.h>

#include <numeric>

#include "algorithms/core/error.hpp"
#include "algorithms/core/random.hpp"

namespace laconic {
namespace {

std::vector<std::int32_t> file_order(Index n) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Partition by_sizes(Params& data, Params& in, Index n, int M) {
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
    std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(next));
    next += size;
  }
  if (next != n) data.refuse("partition", fmt::format("the sizes add up to {}, but there are {} samples", next, n));
  return out;
}

template <class X>
X take(const X& x, const std::vector<std::int32_t>& rows);

template <>
RowMatrix take(const RowMatrix& x, const std::vector<std::int32_t>& rows) {
  return x(rows, Eigen::all);
}

template <>
SparseRows take(const SparseRows& x, const std::vector<std::int32_t>& rows) {
  SparseRows out(static_cast<Index>(rows.size()), x.cols());
  Eigen::VectorXi stored(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    stored[static_cast<Index>(i)] = x.outerIndexPtr()[rows[i] + 1] - x.outerIndexPtr()[rows[i]];
  out.reserve(stored);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (SparseRows::InnerIterator entry(x, rows[i]); entry; ++entry)
      out.insert(static_cast<Index>(i), entry.col()) = entry.value();
  out.makeCompressed();
  return out;
}

}  // namespace

Partition contiguous(const std::vector<std::int32_t>& order, int M) {
  const auto n = static_cast<std::int64_t>(order.size());
  Partition out;
  for (std::int64_t m = 0; m < M; ++m) out.emplace_back(order.begin() + m * n / M, order.begin() + (m + 1) * n / M);
  return out;
}

std::vector<std::string> partition_types() { return {"contiguous", "shuffled", "sizes"}; }

Partition make_partition(Params& data, Index n, int M, std::uint64_t seed) {
  const auto type =
      data.part_name("partition", "contiguous", partition_types(),
                     "which worker owns which rows: next to each other in the file, at random, or by sizes");
  Params in = data.part("partition");
  if (n < M)
    throw InputError(
        fmt::format("{}: /workers: expected at most the number of samples, {}, got {}", data.file(), n, M));
  if (type == "sizes") return by_sizes(data, in, n, M);
  auto order = file_order(n);
  if (type == "shuffled") {
    const auto own =
        in.count("seed", static_cast<std::int64_t>(seed), 0, "seed of the shuffle (default: the scenario's)");
    Rng rng(static_cast<std::uint64_t>(own), Purpose::partition);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  }
  return contiguous(order, M);
}

std::vector<Dataset> split(Dataset data, const Partition& partition) {
  std::vector<Dataset> out;
  for (const auto& rows : partition) {
    auto& shard = out.emplace_back();
    shard.x = std::visit([&](const auto& x) -> Rows { return take(x, rows); }, data.x);
    shard.y = data.y(rows);
    shard.name = data.name;
    shard.shape = data.shape;
  }
  return out;
}

}  // namespace laconic
