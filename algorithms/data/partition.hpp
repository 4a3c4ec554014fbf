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

/// What happens to the workers' features after the split: nothing, but for "feature-scale".
using Rescale = std::function<void(std::vector<Dataset>& shards)>;
Rescale read_rescaling(Params& data, int M, const SmoothnessLaw& law);

/// L_m = (growth^{m-1} + 1)^2, m = 1..M, by multiplying each worker's samples with a number. (Chen, Giannakis, Sun,
/// Yin, NeurIPS 2018, section 4, with growth 1.3)
void scale_to_growing_smoothness(std::vector<Dataset>& shards, double growth, const SmoothnessLaw& law);

/// The samples of each worker.
std::vector<Dataset> split(const Dataset& data, const Partition& partition);

}  // namespace laconic::data
