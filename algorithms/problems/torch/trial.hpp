#pragma once

#include "algorithms/problems/torch/shared_network.hpp"

namespace laconic::problems {

/// Sends some samples through a network and back. Throws InputError where it does not take them, or is no function of
/// each sample and the weights alone, so that measuring it would change what is learned: where it draws random numbers,
/// changes buffers or attributes, or mixes the samples of a batch. Its weights are afterwards what they were.
void try_out(const NeuralOptions& options, SharedNetwork& network, const std::vector<data::Dataset>& shards);

/// Throws InputError with the sample where a loss at the network's first weights is no finite number. Of large networks
/// and data sets it sees samples for some seconds' worth of computing.
void check_first_losses(const NeuralOptions& options, const SharedNetwork& network,
                        const std::vector<data::Dataset>& shards);

}  // namespace laconic::problems
