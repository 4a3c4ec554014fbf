#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "sim/results/reading.hpp"

// What several seeds say of a number.

namespace laconic::results {

/// The confidence of an interval, where nothing else is asked for.
inline constexpr double usual_confidence = 0.95;

/// The median of at least one number, with infinity as a number, and with bounds where they are all that is known.
Known median(const std::vector<Known>& values);

/// From the least to the largest of at least one number.
Known range_of(const std::vector<Known>& values);

/// The percentile interval of a statistic under 2000 resamples of `n` seeds (Efron and Tibshirani, An Introduction to
/// the Bootstrap, 1993, section 13.3). `statistic` is given n of the seeds' places, of which some may stand twice. The
/// resamples are the same in every process.
Known bootstrap_interval(std::size_t n, double confidence,
                         const std::function<Known(const std::vector<std::size_t>& drawn)>& statistic);

/// That of the median.
Known interval_of_median(const std::vector<Known>& values, double confidence = usual_confidence);

}  // namespace laconic::results
