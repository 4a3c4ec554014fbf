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
    check(name);
    const double bound = 1 / std::sqrt(fan_in);
    add(name + ".weight", shape, bound);
    add(name + ".bias", {shape[0]}, bound);
  }

  // Weights without biases, uniform up to a bound.
  void table(const std::string& name, const std::vector<std::int64_t>& shape, double bound) {
    count_ += static_cast<double>(shape[0]) * static_cast<double>(shape[1]);
    check(name);
    add(name + ".weight", shape, bound);
  }
  void normalisation(const std::string& name, Index width) {
    for (const char* part : {".weight", ".bias"})
      network_.weights.emplace_back(
          name + part,
          at::full({width}, part == std::string(".weight") ? 1.0 : 0.0, network_.type).requires_grad_(true));
  }

 private:
  static constexpr double most = 1e9;

  void check(const std::string& name) const {
    if (count_ > most)
      throw InputError(
          fmt::format("{}/model: expected at most {:g} weights, got {:g} up to layer {}", where_, most, count_, name));
  }

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

// The weights of a transformer, taken one after the other.
class Taken {
 public:
  explicit Taken(const Network& network) : network_(network) {}
  const at::Tensor& next() { return network_.weights[at_++].second; }
  at::Tensor linear(const at::Tensor& x) {
    const at::Tensor &weight = next(), &bias = next();
    return at::linear(x, weight, bias);
  }
  at::Tensor normalised(const at::Tensor& x) {
    const at::Tensor &weight = next(), &bias = next();
    return at::layer_norm(x, {x.size(-1)}, weight, bias);
  }

 private:
  const Network& network_;
  std::size_t at_ = 0;
};

// Attention of each position to itself and to those before it: x is b x T x width.
at::Tensor attended(const at::Tensor& x, const at::Tensor& later, Index heads, Taken& weights) {
  const Index b = x.size(0), T = x.size(1), width = x.size(2);
  const at::Tensor all = weights.linear(x).reshape({b, T, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
  const at::Tensor scores =
      at::matmul(all[0], all[1].transpose(-2, -1)) / std::sqrt(static_cast<double>(width / heads));
  const at::Tensor out = at::matmul(at::softmax(scores + later, -1), all[2]);
  return weights.linear(out.transpose(1, 2).reshape({b, T, width}));
}

// Symbols and their places become vectors, blocks of attention and of two layers are added to them (both behind a
// normalisation, as GPT-2 has it), and the last place's vector tells the symbol that follows.
Network transformer(const NeuralOptions& o, const std::vector<Index>& input, Index outputs) {
  const NetworkShape& shape = o.network;
  const Index T = input.back(), width = shape.width;
  Network out;
  out.type = o.double_precision ? at::kDouble : at::kFloat;
  Builder builder(out, o);
  const double bound = 1 / std::sqrt(static_cast<double>(width));
  builder.table("symbols", {shape.symbols, width}, bound);
  builder.table("places", {T, width}, bound);
  for (Index i = 1; i <= shape.blocks; ++i) {
    const std::string block = fmt::format("block{}.", i);
    builder.normalisation(block + "norm1", width);
    builder.layer(block + "attention", {3 * width, width});
    builder.layer(block + "mixed", {width, width});
    builder.normalisation(block + "norm2", width);
    builder.layer(block + "fc1", {4 * width, width});
    builder.layer(block + "fc2", {width, 4 * width});
  }
  builder.normalisation("norm", width);
  builder.layer("head", {outputs, width});
  const at::Tensor later = at::full({T, T}, -1e9, out.type).triu(1);
  out.forward = [network = out, later, T, heads = shape.heads, blocks = shape.blocks,
                 how = shape.activation](const at::Tensor& x) {
    Taken weights(network);
    const at::Tensor& symbols = weights.next();
    at::Tensor h = at::embedding(symbols, x.to(at::kLong).reshape({-1, T})) + weights.next();
    for (Index i = 0; i < blocks; ++i) {
      h = h + attended(weights.normalised(h), later, heads, weights);
      const at::Tensor within = activated(weights.linear(weights.normalised(h)), how);
      h = h + weights.linear(within);
    }
    return weights.linear(weights.normalised(h.select(1, T - 1)));
  };
  return out;
}

}  // namespace

Network make_network(const NeuralOptions& options, const std::vector<Index>& input, Index outputs) {
  if (options.network.kind == NetworkShape::Kind::file) return network_from_file(options);
  if (options.network.kind == NetworkShape::Kind::transformer) {
    if (input.size() == 1) return transformer(options, input, outputs);
    throw InputError(
        fmt::format("{}/input: expected one size for a \"transformer\", how many symbols it reads", options.where));
  }
  return built_in(options, input, outputs);
}

}  // namespace laconic::problems
