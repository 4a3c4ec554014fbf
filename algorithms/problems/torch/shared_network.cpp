#include "algorithms/problems/torch/shared_network.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

namespace laconic::problems {

using namespace data;

namespace {

template <class Number>
void fill(const Rows& x, std::span<const std::int32_t> rows, at::Tensor& out) {
  Number* to = out.data_ptr<Number>();
  const Index width = out.numel() / out.size(0);
  for (const auto row : rows) {
    if (const auto* dense = std::get_if<RowMatrix>(&x)) {
      for (Index j = 0; j < width; ++j) to[j] = static_cast<Number>((*dense)(row, j));
    } else {
      std::fill_n(to, width, Number{0});
      for (SparseRows::InnerIterator entry(std::get<SparseRows>(x), row); entry; ++entry)
        to[entry.col()] = static_cast<Number>(entry.value());
    }
    to += width;
  }
}

}  // namespace

void prepare_thread() {
  thread_local bool done = false;
  if (done) return;
  at::set_num_threads(1);
  torch::jit::setGraphExecutorOptimize(false);
  done = true;
}

SharedNetwork::SharedNetwork(Network network, std::vector<std::int64_t> input, bool classifies)
    : network_(std::move(network)), input_(std::move(input)), classifies_(classifies) {
  for (const auto& [name, w] : network_.weights) {
    const Index rows = w.dim() > 0 ? w.size(0) : 1;
    blocks_.push_back({name, d_, rows, w.numel() / rows});
    d_ += w.numel();
    tensors_.push_back(w);
  }
}

std::unique_lock<std::mutex> SharedNetwork::locked() {
  prepare_thread();
  return std::unique_lock(mutex_);
}

Vector SharedNetwork::weights() const {
  Vector theta(d_);
  for (std::size_t i = 0; i < tensors_.size(); ++i) part(theta, i).copy_(tensors_[i].detach());
  return theta;
}

void SharedNetwork::set_weights(const Vector& theta) {
  const at::NoGradGuard no_gradient;
  for (std::size_t i = 0; i < tensors_.size(); ++i) tensors_[i].copy_(part(theta, i));
}

void SharedNetwork::convert(at::ScalarType type) {
  network_.convert(type);
  network_.type = type;
}

at::Tensor SharedNetwork::inputs(const Rows& x, std::span<const std::int32_t> rows) const {
  at::Tensor out = at::empty(batch_shape(static_cast<Index>(rows.size())), network_.type);
  if (network_.type == at::kFloat)
    fill<float>(x, rows, out);
  else
    fill<double>(x, rows, out);
  return out;
}

Labelled SharedNetwork::batch(const Dataset& data, std::span<const std::int32_t> rows) const {
  at::Tensor labels = at::empty({static_cast<Index>(rows.size())}, at::kDouble);
  for (std::size_t i = 0; i < rows.size(); ++i) labels.data_ptr<double>()[i] = data.y[rows[i]];
  return {inputs(data.x, rows), labels};
}

at::Tensor SharedNetwork::losses(const at::Tensor& out, const at::Tensor& labels) const {
  return classifies_
             ? at::cross_entropy_loss(out.reshape({labels.numel(), -1}), labels.to(at::kLong), {}, at::Reduction::None)
             : 0.5 * (out.reshape({-1}) - labels.to(network_.type)).square();
}

std::vector<at::Tensor> SharedNetwork::gradients(const at::Tensor& losses) const {
  return torch::autograd::grad({losses.sum()}, tensors_, {}, {}, false, true);
}

double SharedNetwork::pass(const Dataset& data, std::span<const std::int32_t> rows, Vector* g) const {
  const at::AutoGradMode gradient(g != nullptr);
  const Labelled samples = batch(data, rows);
  const at::Tensor each = losses(outputs(samples.x), samples.labels);
  const double f = each.detach().to(at::kDouble).sum().item<double>();
  if (!g) return f;
  const auto parts = gradients(each);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].defined()) part(*g, i).add_(parts[i]);  // else a weight that the output does not depend on
  return f;
}

// The entries of theta, or of a gradient, that tensor i's are: the memory is theirs.
at::Tensor SharedNetwork::part(Vector& of, std::size_t i) const {
  return at::from_blob(of.data() + blocks_[i].offset, tensors_[i].sizes(), at::kDouble);
}

std::vector<std::int64_t> SharedNetwork::batch_shape(Index b) const {
  std::vector<std::int64_t> out{b};
  out.insert(out.end(), input_.begin(), input_.end());
  return out;
}

}  // namespace laconic::problems
