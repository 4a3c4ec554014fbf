#pragma once

#include <functional>

#include "algorithms/problems/torch/shared_network.hpp"

namespace laconic::problems {

/// Throws InputError where a file's network is no function of each sample and the weights alone: where two passes over
/// the samples from one state differ, or draw random numbers, or leave a buffer or an attribute behind that is another,
/// or where a sample's output or gradient alone is not what it is among others. Compared in float64, where rounding
/// explains nothing, if the network can compute in it; leaves it in that type, with other weights.
void check_one_function(const NeuralOptions& options, SharedNetwork& network,
                        const std::function<Labelled(Index b)>& samples);

}  // namespace laconic::problems
