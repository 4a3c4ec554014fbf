#pragma once

#include <optional>
#include <vector>

#include "algorithms/data/dataset.hpp"

// What happens to samples between the file and the workers. Whatever is learnt from data (means, deviations, principal
// axes) is learnt from the training samples and applied to both. Errors are InputError "<name>: ...".

namespace laconic::data {

enum class Scaling { none, standardise, unit_rows, max_abs };

/// standardise: every feature to mean 0 and deviation 1 (dense data only: zeros would not stay zeros); unit-rows: every
/// sample to norm 1; max-abs: every feature into [-1, 1]. What is 0 or constant stays finite.
void scale(Dataset& train, Dataset* test, Scaling how);

/// Samples' coordinates along the `dimension` principal axes of the training samples, centred on their mean.
void project_on_principal_axes(Dataset& train, Dataset* test, Index dimension);

/// X R with R ~ N(0, 1/dimension), d x dimension: keeps lengths on average.
void project_at_random(Dataset& train, Dataset* test, Index dimension, std::uint64_t seed);

/// Another feature, 1 for every sample: the model's intercept.
void add_intercept(Dataset& data);

/// The samples of those rows, in that order.
Dataset select(const Dataset& data, const std::vector<std::int32_t>& rows);

/// Moves a share of the samples, drawn at random, into a test set; the others keep their order.
Dataset split_off(Dataset& data, double share, std::uint64_t seed);

}  // namespace laconic::data
