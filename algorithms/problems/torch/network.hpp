#pragma once

#include <torch/script.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/problems/neural.hpp"

namespace laconic::problems {

/// A network whose weights are tensors of one type, float32 or float64, in the order in which theta holds them.
struct Network {
  at::ScalarType type = at::kFloat;
  std::vector<std::pair<std::string, at::Tensor>> weights;
  std::function<at::Tensor(const at::Tensor& x)> forward;  ///< b samples -> b outputs
  std::shared_ptr<torch::jit::Module> module = nullptr;    ///< a file's; none for a built-in network
  std::function<void(at::ScalarType)> convert = {};        ///< a file's numbers get that type
};

/// `input`: a sample's shape. Built-in networks start with PyTorch's usual uniform weights, up to 1/sqrt(fan-in). A
/// file is taken in evaluation mode: dropout does nothing, batch normalisation keeps its stored statistics, and weights
/// that want no gradient stay as they are. Throws InputError.
Network make_network(const NeuralOptions& options, const std::vector<Index>& input, Index outputs);

/// The network of options.network.path. A weight used in two places, or of which another parameter is a view, is one
/// weight. Throws InputError.
Network network_from_file(const NeuralOptions& options);

/// Flops of the matrix products, convolutions and attentions of one forward pass.
double forward_flops(const Network& network, const at::Tensor& x);

}  // namespace laconic::problems
