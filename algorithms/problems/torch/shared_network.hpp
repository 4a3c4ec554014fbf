#pragma once

#include <memory>
#include <mutex>
#include <span>

#include "algorithms/data/dataset.hpp"
#include "algorithms/problems/torch/network.hpp"

namespace laconic::problems {

/// Samples as a network takes them.
struct Labelled {
  at::Tensor x;       ///< b x a sample's shape, of the network's type
  at::Tensor labels;  ///< b, float64
};

/// The one network of a process, whose weights are set for every pass: one thread at a time.
class SharedNetwork {
 public:
  SharedNetwork(Network network, std::vector<std::int64_t> input, bool classifies);

  std::unique_lock<std::mutex> locked();

  Index d() const { return d_; }
  const Network& network() const { return network_; }
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }

  void count_flops() { flops_ = forward_flops(network_, zeros(1)); }
  double flops() const { return flops_; }  ///< one sample's pass forward, once it has been counted

  Vector weights() const;
  void set_weights(const Vector& theta);
  /// From now on the network computes in `type`.
  void convert(at::ScalarType type);

  at::Tensor zeros(Index b) const { return at::zeros(batch_shape(b), network_.type); }
  at::Tensor inputs(const data::Rows& x, std::span<const std::int32_t> rows) const;
  Labelled batch(const data::Dataset& data, std::span<const std::int32_t> rows) const;
  at::Tensor outputs(const at::Tensor& x) const { return network_.forward(x); }
  /// Each sample's loss.
  at::Tensor losses(const at::Tensor& outputs, const at::Tensor& labels) const;
  /// The gradient of a sum of losses to each weight; undefined where it does not depend on one.
  std::vector<at::Tensor> gradients(const at::Tensor& losses) const;

  /// The sum of the samples' losses at the weights that are set, and its gradient added to *g.
  double pass(const data::Dataset& data, std::span<const std::int32_t> rows, Vector* g) const;

 private:
  std::vector<std::int64_t> batch_shape(Index b) const;
  at::Tensor part(Vector& of, std::size_t i) const;
  at::Tensor part(const Vector& of, std::size_t i) const { return part(const_cast<Vector&>(of), i); }

  std::mutex mutex_;
  Network network_;
  std::vector<std::int64_t> input_;
  bool classifies_;
  std::vector<at::Tensor> tensors_;
  std::vector<ParameterBlock> blocks_;
  Index d_ = 0;
  double flops_ = 0;
};

/// What libtorch keeps for each thread, set for this one: a run uses all cores by running its workers side by side.
void prepare_thread();

}  // namespace laconic::problems
