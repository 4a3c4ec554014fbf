#include "algorithms/problems/torch/one_function.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "algorithms/base/error.hpp"
#include "algorithms/base/text.hpp"
#include "algorithms/problems/torch/graph.hpp"
#include "algorithms/problems/torch/module_state.hpp"
#include "algorithms/problems/torch/watch.hpp"
#include "algorithms/problems/torch/words.hpp"

namespace laconic::problems {
namespace {

constexpr const char* const eval_mend =
    "call model.eval() before torch.jit.trace, and draw only where self.training is true, as in F.dropout(x, p, "
    "training=self.training)";

// How far two tensors lie apart, in units of the largest number in them.
double gap(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  if (a.numel() == 0) return 0;
  const at::Tensor x = a.detach().to(at::kDouble), y = b.detach().to(at::kDouble);
  const at::Tensor finite = at::isfinite(x);
  if (!at::equal(finite, at::isfinite(y))) return std::numeric_limits<double>::infinity();
  const at::Tensor p = at::where(finite, x, at::zeros_like(x)), q = at::where(finite, y, at::zeros_like(y));
  const double scale = std::max(p.abs().max().item<double>(), q.abs().max().item<double>());
  return scale > 0 ? (p - q).abs().max().item<double>() / scale : 0;
}

std::size_t generator_state() { return state_digest(at::detail::getDefaultCPUGenerator().get_state()); }

std::vector<std::pair<std::string, std::size_t>> state_of(const torch::jit::Module& module) {
  std::vector<std::pair<std::string, std::size_t>> out;
  for (const auto& slot : slots_of(module)) {
    const char* const kind = slot.kind == Slot::Kind::parameter ? "weight"
                             : slot.kind == Slot::Kind::buffer  ? "buffer"
                                                                : "attribute";
    out.emplace_back(fmt::format("{} {}", kind, shown_token(slot.name)), state_digest(slot.value));
  }
  return out;
}

// The entries of a result of a batch that are its i-th sample's, if that can be told from the shape of what the sample
// alone gives.
std::optional<at::Tensor> own_part(const at::Tensor& batch, const at::Tensor& alone, Index i, Index b) {
  if (batch.dim() != alone.dim()) return {};
  std::optional<std::int64_t> along;
  for (std::int64_t k = 0; k < batch.dim(); ++k) {
    if (batch.size(k) == alone.size(k)) continue;
    if (along || batch.size(k) != b * alone.size(k)) return {};
    along = k;
  }
  return along ? batch.narrow(*along, i * alone.size(*along), alone.size(*along)) : batch;
}

class Comparison {
 public:
  Comparison(const NeuralOptions& o, SharedNetwork& network)
      : where_(fmt::format("{}/model: {}", o.where, o.network.path.string())),
        network_(network),
        module_(*network.network().module) {}

  void check(const std::function<Labelled(Index b)>& samples) {
    constexpr Index b = 4;
    const at::AutoGradMode gradient(true);
    samples_ = samples(b);
    if (network_.network().type != at::kDouble) compute_in_double(samples, b);
    find_tolerance();
    refuse_random_and_state();
    const Vector start = network_.weights();
    Vector moved = start;
    for (Index i = 0; i < moved.size(); ++i) moved[i] *= 1 + 1e-3 * std::sin(static_cast<double>(i + 1));
    // A kink, such as that of a maximum, may be on either side of a rounding; it is not once the weights have moved.
    if (mixes() && (network_.set_weights(moved), mixes())) refuse_mixing();
  }

 private:
  struct Result {
    at::Tensor out;
    std::vector<at::Tensor> gradients;
  };
  Result pass(const Labelled& samples) const {
    Result result{network_.outputs(samples.x), {}};
    result.gradients = network_.gradients(network_.losses(result.out, samples.labels));
    return result;
  }

  Labelled one(Index i) const { return {samples_.x.narrow(0, i, 1), samples_.labels.narrow(0, i, 1)}; }
  Index b() const { return samples_.x.size(0); }

  void compute_in_double(const std::function<Labelled(Index b)>& samples, Index b) {
    const at::ScalarType type = network_.network().type;
    const Labelled own = samples_;
    network_.convert(at::kDouble);
    samples_ = samples(b);
    try {
      pass(samples_);
    } catch (const std::exception&) {  // it casts to another type somewhere
      network_.convert(type);
      samples_ = own;
    }
  }

  // By the coarsest type that it computes in anywhere.
  void find_tolerance() {
    tolerance_ = 1e-8;
    const Watch watch([](const Operation&) { return true; },
                      [&](const Operation& op) {
                        for (const auto& out : op.outputs) {
                          if (!out.isTensor() || !out.toTensor().defined()) continue;
                          const auto type = out.toTensor().scalar_type();
                          if (type == at::kFloat) tolerance_ = std::max(tolerance_, 1e-3);
                          if (type == at::kHalf || type == at::kBFloat16) tolerance_ = 0.1;
                        }
                      });
    network_.outputs(samples_.x);
  }

  void refuse_random_and_state() {
    const auto before = state_of(module_);
    const auto generator = generator_state();
    const Result first = pass(samples_);
    if (generator_state() != generator) refuse_random();
    const auto after = state_of(module_);
    for (std::size_t i = 0; i < before.size() && i < after.size(); ++i)
      if (before[i] != after[i]) refuse_state(after[i].first);
    if (before.size() != after.size()) refuse_state("attributes");
    const Result second = pass(samples_);
    double most = gap(first.out, second.out);
    for (std::size_t i = 0; i < first.gradients.size(); ++i)
      if (first.gradients[i].defined()) most = std::max(most, gap(first.gradients[i], second.gradients[i]));
    if (most > tolerance_)
      throw InputError(
          fmt::format("{}: two passes over the same samples differ, by {:.2g} of the largest number, so that measuring "
                      "would change what is learned: it may read memory that nobody has set (torch.empty)",
                      where_, most));
  }

  // "aten::dropout in layer "drop"": the n-th operation of that name.
  std::string place(const std::string& name, std::size_t n) const {
    for (const auto& op : operations_of(module_))
      if (op.name == name && n-- == 0 && !op.layer.empty()) return fmt::format("{} in layer \"{}\"", name, op.layer);
    return name;
  }

  [[noreturn]] void refuse_random() {
    std::string found;
    std::map<std::string, std::size_t> count;
    std::size_t before = 0;
    {
      const Watch watch(
          [&](const Operation&) {
            before = generator_state();
            return false;
          },
          [&](const Operation& op) {
            const std::string name(op.name);
            if (found.empty() && generator_state() != before) found = name + fmt::format(" {}", count[name]);
            ++count[name];
          });
      network_.outputs(samples_.x);
    }
    std::string where = "in its backward pass";
    if (const auto space = found.rfind(' '); space != found.npos)
      where = place(found.substr(0, space), std::stoul(found.substr(space + 1)));
    throw InputError(fmt::format(
        "{} is random: each pass draws random numbers ({}), so that measuring would change what is learned: {}", where_,
        where, eval_mend));
  }

  // Layers whose normalisation is in training, or has no statistics but the batch's.
  std::optional<GraphOperation> training_norm() const {
    for (const auto& op : operations_of(module_))
      if (op.training && (op.name == "aten::batch_norm" || op.name == "aten::native_batch_norm" ||
                          op.name == "aten::_batch_norm_impl_index"))
        return op;
    return {};
  }
  std::string norm_text(const GraphOperation& op) const {
    return fmt::format("{}{} in training mode", op.name,
                       op.layer.empty() ? "" : fmt::format(" in layer \"{}\"", op.layer));
  }
  static constexpr const char* const norm_mend =
      "call model.eval() before torch.jit.trace, with track_running_stats=True (or use nn.GroupNorm or nn.LayerNorm, "
      "which know no batch)";

  [[noreturn]] void refuse_state(const std::string& what) {
    const auto norm = training_norm();
    throw InputError(fmt::format(
        "{} keeps state: each pass changes its {}{}, so that measuring would change what is learned: {}", where_, what,
        norm ? fmt::format(" ({})", norm_text(*norm)) : "",
        norm
            ? norm_mend
            : "compute what it needs in forward, or change it only where self.training is true, and call model.eval()"));
  }

  // Whether a sample's output or gradient alone is another than among others; by how much and where stands in members.
  bool mixes() {
    const Result all = pass(samples_);
    std::vector<at::Tensor> sums(all.gradients.size());
    double largest = 0, off = 0;
    most_ = 0;
    for (Index i = 0; i < b(); ++i) {
      Result alone;
      try {
        alone = pass(one(i));
      } catch (const std::exception&) {
        if (training_norm()) refuse_mixing();
        throw;
      }
      if (const double d = gap(all.out.narrow(0, i, 1).flatten(), alone.out.flatten()); d > most_) {
        most_ = d;
        sample_ = i;
      }
      for (std::size_t j = 0; j < sums.size(); ++j) {
        if (!alone.gradients[j].defined()) continue;
        sums[j] = sums[j].defined() ? sums[j] + alone.gradients[j] : alone.gradients[j];
        largest = std::max(largest, alone.gradients[j].abs().max().item<double>());
      }
    }
    forward_ = most_ > tolerance_;
    if (forward_) return true;
    for (std::size_t j = 0; j < sums.size(); ++j) {
      const at::Tensor none = at::zeros_like(network_.network().weights[j].second);
      const at::Tensor& sum = sums[j].defined() ? sums[j] : none;
      const at::Tensor& whole = all.gradients[j].defined() ? all.gradients[j] : none;
      largest = std::max(largest, whole.abs().max().item<double>());
      off = std::max(off, (sum - whole).abs().max().item<double>());
    }
    most_ = off > 0 ? off / largest : 0;
    return most_ > tolerance_;
  }

  // Runs the batch and the sample alone, operation by operation, up to where they part.
  std::string where_they_part() const {
    struct Step {
      std::string name;
      at::Tensor out;
    };
    const auto steps = [&](const at::Tensor& x) {
      std::vector<Step> out;
      const Watch watch(
          [](const Operation&) { return false; },
          [&](const Operation& op) {
            const bool tensor = op.outputs.size() == 1 && op.outputs[0].isTensor() &&
                                op.outputs[0].toTensor().defined() && op.outputs[0].toTensor().is_floating_point();
            out.push_back({std::string(op.name), tensor ? op.outputs[0].toTensor().detach().clone() : at::Tensor()});
          });
      network_.outputs(x);
      return out;
    };
    const auto batch = steps(samples_.x), alone = steps(one(sample_).x);
    std::map<std::string, std::size_t> count;
    for (std::size_t k = 0; k < batch.size() && k < alone.size() && batch[k].name == alone[k].name; ++k) {
      const std::size_t n = count[batch[k].name]++;
      if (!batch[k].out.defined() || !alone[k].out.defined()) continue;
      const auto part = own_part(batch[k].out, alone[k].out, sample_, b());
      if (part && gap(*part, alone[k].out) > tolerance_) return place(batch[k].name, n);
    }
    return "";
  }

  [[noreturn]] void refuse_mixing() {
    if (const auto norm = training_norm())
      throw InputError(fmt::format("{} mixes the samples of a batch ({}): {}", where_, norm_text(*norm), norm_mend));
    const std::string part = forward_ ? where_they_part() : "";
    throw InputError(fmt::format(
        "{} mixes the samples of a batch: {} alone differ from those among others, by {:.2g} of the largest{}: each "
        "sample must be computed by itself (no statistics over dimension 0, no view() with a constant batch)",
        where_, forward_ ? "a sample's outputs" : "samples' gradients", most_,
        part.empty() ? "" : fmt::format(", first behind {}", part)));
  }

  std::string where_;
  SharedNetwork& network_;
  const torch::jit::Module& module_;
  Labelled samples_;
  double tolerance_ = 0, most_ = 0;
  Index sample_ = 0;
  bool forward_ = true;
};

}  // namespace

void check_one_function(const NeuralOptions& o, SharedNetwork& network,
                        const std::function<Labelled(Index b)>& samples) {
  Comparison(o, network).check(samples);
}

}  // namespace laconic::problems
