#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/version.h>

#include <mutex>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/problems/torch/blas.hpp"
#include "algorithms/problems/torch/shared_network.hpp"
#include "algorithms/problems/torch/trial.hpp"
#include "algorithms/problems/torch/words.hpp"

namespace laconic::problems {

using namespace data;

namespace {

constexpr Index chunk = 250;  // samples a pass: bounds memory; fixed, since sums depend on it

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

double share_right(SharedNetwork& network, const std::vector<std::shared_ptr<const Dataset>>& sets,
                   const Vector& theta) {
  const auto lock = network.locked();
  network.set_weights(theta);
  const at::NoGradGuard no_gradient;
  Index right = 0, all = 0;
  for (const auto& data : sets) {
    in_chunks(data->samples(), [&](auto rows) {
      const at::Tensor best =
          network.outputs(network.inputs(data->x, rows)).reshape({static_cast<Index>(rows.size()), -1}).argmax(1);
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
    hold_blas_to_one_thread();
  });
  prepare_thread();
  const auto input = input_shape(o, samples.shards.front());
  auto network = [&] {
    try {
      Network made = make_network(o, input, o.classifies ? o.classes : 1);
      auto out = std::make_shared<SharedNetwork>(std::move(made), std::vector<std::int64_t>(input.begin(), input.end()),
                                                 o.classifies);
      try_out(o, *out, samples.shards);
      out->count_flops();
      check_first_losses(o, *out, samples.shards);
      return out;
    } catch (const InputError&) {
      throw;
    } catch (const std::exception& e) {
      throw InputError(fmt::format("{}/model: the network refuses an input of shape {}: {}", o.where,
                                   shape_text(std::vector<std::int64_t>(input.begin(), input.end())), torch_reason(e)));
    }
  }();

  Problem p;
  p.d = network->d();
  p.objective = o.objective;
  p.blocks = network->blocks();
  p.start = network->weights();
  p.concurrent = false;  // all workers share the network
  p.libraries = {{"libtorch", TORCH_VERSION}, {"blas", blas_name()}};
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
