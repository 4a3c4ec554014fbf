#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <mutex>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/problems/torch/network.hpp"

namespace laconic::problems {

using namespace data;

namespace {

constexpr Index chunk = 250;  // samples a pass: bounds memory; fixed, since sums depend on it

// What libtorch keeps for each thread: a run uses all cores by running its workers side by side.
void prepare_thread() {
  thread_local bool done = false;
  if (done) return;
  at::set_num_threads(1);
  torch::jit::setGraphExecutorOptimize(false);
  done = true;
}

// libtorch's engine of backward passes, but for the threads that it would start for devices such as GPUs: newer
// versions start one where there is no such device, too, and then refuse every pass in a process that was forked.
struct EngineWithoutThreads final : torch::autograd::Engine {
  EngineWithoutThreads() {
    c10::call_once(start_device_threads_flag_, [] {});
  }
  static Engine& get() {
    static Engine& engine = *new EngineWithoutThreads;  // as libtorch's own, it lives to the end
    return engine;
  }
};

// The one network of a process, whose weights are set for every pass: one thread at a time.
class SharedNetwork {
 public:
  std::unique_lock<std::mutex> locked() {
    prepare_thread();
    return std::unique_lock(mutex_);
  }

  SharedNetwork(Network network, std::vector<std::int64_t> input, bool classifies)
      : network_(std::move(network)), input_(std::move(input)), classifies_(classifies) {
    for (const auto& [name, w] : network_.weights) {
      const Index rows = w.dim() > 0 ? w.size(0) : 1;
      blocks_.push_back({name, d_, rows, w.numel() / rows});
      d_ += w.numel();
      tensors_.push_back(w);
    }
    flops_ = forward_flops(network_, at::zeros(batch_shape(1), network_.type));
  }

  Index d() const { return d_; }
  double flops() const { return flops_; }  ///< one sample's pass forward
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }

  Vector weights() const {
    Vector theta(d_);
    for (std::size_t i = 0; i < tensors_.size(); ++i) part(theta, i).copy_(tensors_[i].detach());
    return theta;
  }

  void set_weights(const Vector& theta) {
    const at::NoGradGuard no_gradient;
    for (std::size_t i = 0; i < tensors_.size(); ++i) tensors_[i].copy_(part(theta, i));
  }

  at::Tensor inputs(const Rows& x, std::span<const std::int32_t> rows) const {
    at::Tensor out = at::empty(batch_shape(static_cast<Index>(rows.size())), network_.type);
    if (network_.type == at::kFloat)
      fill<float>(x, rows, out);
    else
      fill<double>(x, rows, out);
    return out;
  }

  at::Tensor outputs(const at::Tensor& x) const { return network_.forward(x); }

  /// The sum of the samples' losses at the weights that are set, and its gradient added to *g.
  double pass(const Dataset& data, std::span<const std::int32_t> rows, Vector* g) const {
    const at::AutoGradMode gradient(g != nullptr);
    const at::Tensor out = outputs(inputs(data.x, rows));
    at::Tensor labels = at::empty({static_cast<Index>(rows.size())}, at::kDouble);
    for (std::size_t i = 0; i < rows.size(); ++i) labels.data_ptr<double>()[i] = data.y[rows[i]];
    const at::Tensor each = classifies_ ? at::cross_entropy_loss(out, labels.to(at::kLong), {}, at::Reduction::None)
                                        : 0.5 * (out.reshape({-1}) - labels.to(network_.type)).square();
    const double f = each.detach().to(at::kDouble).sum().item<double>();
    if (!g) return f;
    const auto parts = torch::autograd::grad({each.sum()}, tensors_, {}, {}, false, true);
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i].defined()) part(*g, i).add_(parts[i]);  // else a weight that the output does not depend on
    return f;
  }

 private:
  // The entries of theta, or of a gradient, that tensor i's are: the memory is theirs.
  at::Tensor part(Vector& of, std::size_t i) const {
    return at::from_blob(of.data() + blocks_[i].offset, tensors_[i].sizes(), at::kDouble);
  }
  at::Tensor part(const Vector& of, std::size_t i) const { return part(const_cast<Vector&>(of), i); }

  template <class Number>
  void fill(const Rows& x, std::span<const std::int32_t> rows, at::Tensor& out) const {
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

  std::vector<std::int64_t> batch_shape(Index b) const {
    std::vector<std::int64_t> out{b};
    out.insert(out.end(), input_.begin(), input_.end());
    return out;
  }

  std::mutex mutex_;
  Network network_;
  std::vector<std::int64_t> input_;
  bool classifies_;
  std::vector<at::Tensor> tensors_;
  std::vector<ParameterBlock> blocks_;
  Index d_ = 0;
  double flops_ = 0;
};

template <class Work>
void in_chunks(Index n, Work work) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(std::min(n, chunk)));
  for (Index first = 0; first < n; first += chunk) {
    rows.resize(static_cast<std::size_t>(std::min(chunk, n - first)));
    std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(first));
    work(std::span<const std::int32_t>(rows));
  }
}

class NeuralOracle final : public Oracle {
 public:
  NeuralOracle(std::shared_ptr<const Dataset> data, std::shared_ptr<SharedNetwork> network, const NeuralOptions& o)
      : data_(std::move(data)), network_(std::move(network)), regulariser_(o.regulariser), reduction_(o.reduction) {}

  Index samples() const override { return data_->samples(); }
  void gradient(const Vector& theta, const Batch& xi, Vector& g) const override { loss(theta, xi, &g); }

  double loss(const Vector& theta, const Batch& xi, Vector* g) const override {
    const auto lock = network_->locked();
    network_->set_weights(theta);
    if (g) g->setZero(theta.size());
    double f = 0;
    if (xi.full)
      in_chunks(samples(), [&](auto rows) { f += network_->pass(*data_, rows, g); });
    else
      for (std::size_t first = 0; first < xi.rows.size(); first += chunk)
        f += network_->pass(*data_, xi.rows.subspan(first, std::min<std::size_t>(chunk, xi.rows.size() - first)), g);
    const double weight = sample_weight(reduction_, xi, samples());
    if (g) {
      *g *= weight;
      regulariser_.add_gradient(theta, *g);
    }
    return weight * f + regulariser_.value(theta);
  }

  // Backward twice the forward.
  double flops(const Batch& xi) const override { return 3 * network_->flops() * static_cast<double>(xi.size); }

 private:
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<SharedNetwork> network_;
  Regulariser regulariser_;
  Reduction reduction_;
};

std::vector<Index> input_shape(const NeuralOptions& o, const Dataset& data) {
  std::vector<Index> shape = o.input.empty() ? data.shape : o.input;
  if (shape.empty()) shape = {data.features()};
  if (shape.size() == 2) shape.insert(shape.begin(), 1);  // an image of one channel
  const double numbers = std::accumulate(shape.begin(), shape.end(), 1.0, std::multiplies<>());
  if (numbers != static_cast<double>(data.features()))
    throw InputError(fmt::format("{}/input: expected a shape of the data's {} features, got one of {}", o.where,
                                 data.features(), numbers));
  return shape;
}

// torch's messages go on with its own stack.
std::string first_line(const std::exception& e) {
  const auto* own = dynamic_cast<const c10::Error*>(&e);
  const std::string reason = own ? own->what_without_backtrace() : e.what();
  return reason.substr(0, reason.find('\n'));
}

std::string shape_text(at::IntArrayRef sizes) {
  std::string out = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i) out += fmt::format("{}{}", i == 0 ? "" : ", ", sizes[i]);
  return out + "]";
}

// Two samples go through the network and back, so that what does not fit is found before the first round.
void try_out(const NeuralOptions& o, SharedNetwork& network, const Dataset& data) {
  const std::int32_t rows[] = {0, 0};
  at::Tensor out;
  const at::AutoGradMode gradient(true);
  const at::Tensor x = network.inputs(data.x, rows);
  try {
    out = network.outputs(x);
  } catch (const std::exception& e) {
    throw InputError(fmt::format("{}/model: the network refuses an input of shape {}: {}", o.where,
                                 shape_text(x.sizes()), first_line(e)));
  }
  const bool fits = o.classifies ? out.dim() == 2 && out.size(0) == 2 && out.size(1) == o.classes
                                 : (out.dim() == 1 || (out.dim() == 2 && out.size(1) == 1)) && out.size(0) == 2;
  if (!fits)
    throw InputError(fmt::format(
        "{}/model: expected {} for each sample, got outputs of shape {} for 2 samples", o.where,
        o.classifies ? fmt::format("{} outputs, one a class,", o.classes) : "one output", shape_text(out.sizes())));
  if (!out.requires_grad()) throw InputError(fmt::format("{}/model: the outputs do not depend on any weight", o.where));
  Vector g = Vector::Zero(network.d());
  try {
    network.pass(data, rows, &g);
  } catch (const std::exception& e) {
    throw InputError(fmt::format("{}/model: the network cannot be differentiated: {}", o.where, first_line(e)));
  }
}

double share_right(SharedNetwork& network, const std::vector<std::shared_ptr<const Dataset>>& sets,
                   const Vector& theta) {
  const auto lock = network.locked();
  network.set_weights(theta);
  const at::NoGradGuard no_gradient;
  Index right = 0, all = 0;
  for (const auto& data : sets) {
    in_chunks(data->samples(), [&](auto rows) {
      const at::Tensor best = network.outputs(network.inputs(data->x, rows)).argmax(1);
      for (std::size_t i = 0; i < rows.size(); ++i)
        right += best[static_cast<Index>(i)].template item<Index>() == static_cast<Index>(data->y[rows[i]]);
    });
    all += data->samples();
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

Problem make(const NeuralOptions& o, Samples& samples) {
  static std::once_flag once;
  std::call_once(once, [] {
    at::set_num_interop_threads(1);
    torch::autograd::set_default_engine_stub(EngineWithoutThreads::get);
    at::globalContext().setDeterministicAlgorithms(true, false);
  });
  prepare_thread();
  const auto input = input_shape(o, samples.shards.front());
  auto network = [&] {
    try {
      Network made = make_network(o, input, o.classifies ? o.classes : 1);
      return std::make_shared<SharedNetwork>(std::move(made), std::vector<std::int64_t>(input.begin(), input.end()),
                                             o.classifies);
    } catch (const InputError&) {
      throw;
    } catch (const std::exception& e) {
      throw InputError(fmt::format("{}/model: the network refuses an input of shape {}: {}", o.where,
                                   shape_text(std::vector<std::int64_t>(input.begin(), input.end())), first_line(e)));
    }
  }();
  try_out(o, *network, samples.shards.front());

  Problem p;
  p.d = network->d();
  p.objective = o.objective;
  p.blocks = network->blocks();
  p.start = network->weights();
  p.concurrent = false;  // all workers share the network
  std::vector<std::shared_ptr<const Dataset>> judged;
  for (auto& shard : samples.shards) {
    auto data = std::make_shared<const Dataset>(std::move(shard));
    judged.push_back(data);
    p.workers.push_back(std::make_unique<NeuralOracle>(std::move(data), network, o));
  }
  if (samples.test) judged = {std::make_shared<const Dataset>(std::move(*samples.test))};
  if (o.classifies)
    p.accuracy = [network, judged](const Vector& theta) { return share_right(*network, judged, theta); };
  return p;
}

}  // namespace
}  // namespace laconic::problems

// Not "C" in what it returns, but in its name: the program looks it up by that.
extern "C" __attribute__((visibility("default"))) void laconic_make_neural(
    const laconic::problems::NeuralOptions& options, laconic::problems::Samples& samples, laconic::Problem& out) {
  out = laconic::problems::make(options, samples);
}

extern "C" __attribute__((visibility("default"))) const char laconic_neural_interface[] = LACONIC_NEURAL_INTERFACE;
