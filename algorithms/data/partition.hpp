#pragma once

#include <optional>
#include <vector>

#include "algorithms/base/params.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic::data {

/// Row numbers of each worker: who owns which samples. Each list is not empty.
using Partition = std::vector<std::vector<std::int32_t>>;

/// Worker m of M owns rows floor(m n / M) .. floor((m + 1) n / M) - 1 of `order`.
Partition contiguous(const std::vector<std::int32_t>& order, int M);

/// One way to split.
struct PartitionEntry {
  const char* name;
  /// `labels`, one a sample, as the problem reads them. Throws InputError if they, or a worker's share, do not fit.
  Partition (*make)(Params& in, const Vector& labels, int M, std::uint64_t seed);
  const char* summary;
};

std::span<const PartitionEntry> partitions();

/// Reads /data/partition: a name, or an object with a "type" (default contiguous).
/// Throws InputError if there are more workers than samples, or what the way to split does.
Partition make_partition(Params& data, const Vector& labels, int M, std::uint64_t seed);

/// What happens to the workers' samples after the split: "feature-scale" multiplies them, and "terms": "worker" makes
/// each worker's one.
using AfterSplit = std::function<void(std::vector<Dataset>& shards)>;
AfterSplit read_after_split(Params& data, int M, const SmoothnessLaw& law);
/// The first of the two alone.
AfterSplit read_rescaling(Params& data, int M, const SmoothnessLaw& law);

/// L_m = (growth^{m-1} + 1)^2, m = 1..M, by multiplying each worker's samples with a number. (Chen, Giannakis, Sun,
/// Yin, NeurIPS 2018, section 4, with growth 1.3)
void scale_to_growing_smoothness(std::vector<Dataset>& shards, double growth, const SmoothnessLaw& law);

/// Each worker's n_m x d samples and their labels become one sample of label 1, the row y_m' X_m, so that a loss of
/// y_i x_i' w has one term a worker, l(y_m' X_m w). (Deng, Sun, Liu, Li, 2022, equation (34))
/// Throws InputError unless all labels are 1 or -1.
void sum_up_each_worker(std::vector<Dataset>& shards);

/// The samples of each worker.
std::vector<Dataset> split(const Dataset& data, const Partition& partition);

}  // namespace laconic::data
