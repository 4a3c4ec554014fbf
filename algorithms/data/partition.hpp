#pragma once

#include <vector>

#include "algorithms/core/params.hpp"
#include "algorithms/data/dataset.hpp"

namespace laconic {

/// Row numbers of each worker: who owns which samples. Each list is not empty.
using Partition = std::vector<std::vector<std::int32_t>>;

/// Worker m of M owns rows floor(m n / M) .. floor((m + 1) n / M) - 1 of `order`.
Partition contiguous(const std::vector<std::int32_t>& order, int M);

/// The names of the ways to split.
std::vector<std::string> partition_types();

/// Reads /data/partition: "contiguous" (default), "shuffled" or "sizes". (algorithms.md section 7)
/// Throws InputError if a worker would own nothing, or the sizes do not fit.
Partition make_partition(Params& data, Index n, int M, std::uint64_t seed);

/// The samples of each worker. The data set is taken apart to save memory.
std::vector<Dataset> split(Dataset data, const Partition& partition);

}  // namespace laconic
