#include "algorithms/problems/torch/network.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"

namespace laconic::problems {
namespace {

at::Tensor activated(const at::Tensor& x, Activation how) {
  switch (how) {
    case Activation::relu:
      return at::relu(x);
    case Activation::tanh:
      return at::tanh(x);
    case Activation::elu:
      return at::elu(x);
    case Activation::sigmoid:
      return at::sigmoid(x);
    case Activation::none:
      break;
  }
  return x;
}

// Adds weights of a shape, and as many biases as its first size.
class Builder {
 public:
  Builder(Network& network, const NeuralOptions& options)
      : network_(network), where_(options.where), rng_(options.seed, Purpose::start) {}

  void layer(const std::string& name, const std::vector<std::int64_t>& shape) {
    double fan_in = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
    count_ += (fan_in + 1) * static_cast<double>(shape[0]);
    if (count_ > most)
      throw InputError(
          fmt::format("{}/model: expected at most {:g} weights, got {:g} up to layer {}", where_, most, count_, name));
    const double bound = 1 / std::sqrt(fan_in);
    add(name + ".weight", shape, bound);
    add(name + ".bias", {shape[0]}, bound);
  }

 private:
  static constexpr double most = 1e9;

  void add(const std::string& name, const std::vector<std::int64_t>& shape, double bound) {
    at::Tensor w = at::empty(shape, at::kDouble);
    double* out = w.data_ptr<double>();
    for (std::int64_t i = 0; i < w.numel(); ++i) out[i] = bound * (2 * rng_.uniform() - 1);
    network_.weights.emplace_back(name, w.to(network_.type).requires_grad_(true));
  }

  Network& network_;
  const std::string& where_;
  Rng rng_;
  double count_ = 0;
};

// Convolutions of an image, then fully connected layers; without convolutions a multi-layer perceptron.
Network built_in(const NeuralOptions& o, std::vector<Index> input, Index outputs) {
  const NetworkShape& shape = o.network;
  Network out;
  out.type = o.double_precision ? at::kDouble : at::kFloat;
  Builder builder(out, o);
  if (shape.kind == NetworkShape::Kind::cnn) {
    if (input.size() != 3)
      throw InputError(fmt::format("{}/input: expected channels, height and width for a \"cnn\", got {} size{}",
                                   o.where, input.size(), input.size() == 1 ? "" : "s"));
    for (std::size_t i = 0; i < shape.channels.size(); ++i) {
      builder.layer(fmt::format("conv{}", i + 1), {shape.channels[i], input[0], shape.kernel, shape.kernel});
      input[0] = shape.channels[i];
      for (const std::size_t side : {1u, 2u}) {
        input[side] += (shape.same_size ? 2 * (shape.kernel / 2) : 0) - shape.kernel + 1;
        input[side] = input[side] > 0 ? input[side] / 2 : 0;
        if (input[side] == 0)
          throw InputError(fmt::format("{}/model: nothing is left of the image behind convolution {}", o.where, i + 1));
      }
    }
  }
  Index width = 1;
  for (const Index size : input) width *= size;
  std::vector<Index> layers = shape.hidden;
  layers.push_back(outputs);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    builder.layer(fmt::format("fc{}", i + 1), {layers[i], width});
    width = layers[i];
  }
  out.forward = [weights = out.weights,
                 convolutions = shape.kind == NetworkShape::Kind::cnn ? shape.channels.size() : 0,
                 padding = shape.same_size ? shape.kernel / 2 : 0, how = shape.activation](at::Tensor x) {
    std::size_t i = 0;
    for (; i < 2 * convolutions; i += 2)
      x = at::max_pool2d(activated(at::conv2d(x, weights[i].second, weights[i + 1].second, 1, padding), how), 2);
    x = x.flatten(1);
    for (; i < weights.size(); i += 2) {
      x = at::linear(x, weights[i].second, weights[i + 1].second);
      if (i + 2 < weights.size()) x = activated(x, how);
    }
    return x;
  };
  return out;
}

}  // namespace

Network make_network(const NeuralOptions& options, const std::vector<Index>& input, Index outputs) {
  return options.network.kind == NetworkShape::Kind::file ? network_from_file(options)
                                                          : built_in(options, input, outputs);
}

}  // namespace laconic::problems
