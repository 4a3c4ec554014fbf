#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::scenario {

/// The "codecs" of a scenario or of an algorithm's entry, which stand at `pointer`, put in the place of those of the
/// same names in `known`. Throws InputError.
CodecCosts read_codecs(const nlohmann::json& block, const std::string& file, const std::string& pointer,
                       CodecCosts known = {});

/// flop/s of the workers' hosts and of the server's; nullptr if there are none.
std::shared_ptr<const std::vector<double>> speeds_of(const ClusterFacts& facts);

}  // namespace laconic::scenario
