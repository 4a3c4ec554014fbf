#include "algorithms/problems/torch/trial.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/problems/torch/one_function.hpp"
#include "algorithms/problems/torch/words.hpp"

namespace laconic::problems {

using namespace data;

namespace {

// The only size of batches that a network takes, if it is one that people trace with; 0 if it takes several or none.
Index only_batch(const SharedNetwork& network) {
  Index only = 0;
  for (const Index b : {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 25, 32, 50, 64, 100, 128, 200, 256, 512}) {
    try {
      const at::Tensor out = network.outputs(network.zeros(b));
      if (out.dim() == 0 || out.size(0) != b) continue;
    } catch (const std::exception&) {
      continue;
    }
    if (only > 0) return 0;
    only = b;
  }
  return only;
}

// What may be behind a refusal, and mends it.
std::string hint(const SharedNetwork& network, const std::string& reason) {
  if (const Index b = only_batch(network); b > 0)
    return fmt::format(
        ": it takes batches of {} alone, as it was traced: take sizes from the input (x.flatten(1), x.shape[0]), or use "
        "torch.jit.script",
        b == 1 ? "one sample" : fmt::format("{} samples", b));
  const auto says = [&](const char* part) { return reason.find(part) != reason.npos; };
  if (says("scalar type") || says("dtype") || says("same type"))
    return fmt::format(
        ": the samples and weights are {} (/problem/precision), and the network brings numbers of another type: "
        "convert them with .to(x.dtype), or set \"precision\" to theirs",
        network.network().type == at::kDouble ? "float64" : "float32");
  return "";
}

[[noreturn]] void refuse_input(const NeuralOptions& o, const SharedNetwork& network, const std::exception& e) {
  const std::string reason = torch_reason(e), shape = shape_text(network.zeros(1).sizes().slice(1));
  throw InputError(fmt::format("{}/model: the network refuses an input of shape {}: {}{}", o.where, shape, reason,
                               hint(network, reason)));
}

void check_outputs(const NeuralOptions& o, const at::Tensor& out, Index b) {
  const bool fits = o.classifies ? out.dim() == 2 && out.size(0) == b && out.size(1) == o.classes
                                 : (out.dim() == 1 || (out.dim() == 2 && out.size(1) == 1)) && out.size(0) == b;
  if (!fits)
    throw InputError(fmt::format(
        "{}/model: expected {} for each sample, got outputs of shape {} for {} samples", o.where,
        o.classifies ? fmt::format("{} outputs, one a class,", o.classes) : "one output", shape_text(out.sizes()), b));
  if (!out.requires_grad()) throw InputError(fmt::format("{}/model: the outputs do not depend on any weight", o.where));
}

// Samples of all workers alike, so that what mixes them has something to mix.
Labelled some_samples(const SharedNetwork& network, const std::vector<Dataset>& shards, Index b) {
  std::vector<at::Tensor> x, labels;
  const auto workers = static_cast<Index>(shards.size());
  for (Index i = 0; i < b; ++i) {
    const Dataset& shard = shards[static_cast<std::size_t>(i * workers / b)];
    const auto row = static_cast<std::int32_t>(i * shard.samples() / b);
    const Labelled one = network.batch(shard, {&row, 1});
    x.push_back(one.x);
    labels.push_back(one.labels);
  }
  return {at::cat(x), at::cat(labels)};
}

double largest_feature(const Dataset& data, Index row) {
  if (const auto* dense = std::get_if<RowMatrix>(&data.x)) return dense->row(row).cwiseAbs().maxCoeff();
  double out = 0;
  for (SparseRows::InnerIterator entry(std::get<SparseRows>(data.x), row); entry; ++entry)
    out = std::max(out, std::abs(entry.value()));
  return out;
}

}  // namespace

void try_out(const NeuralOptions& o, SharedNetwork& network, const std::vector<Dataset>& shards) {
  const at::AutoGradMode gradient(true);
  const Labelled two = some_samples(network, shards, 2);
  at::Tensor out;
  try {
    out = network.outputs(two.x);
  } catch (const std::exception& e) {
    refuse_input(o, network, e);
  }
  check_outputs(o, out, 2);
  try {
    network.gradients(network.losses(out, two.labels));
  } catch (const std::exception& e) {
    const std::string reason = torch_reason(e);
    const bool fused = reason.find("is not implemented") != reason.npos;
    throw InputError(fmt::format("{}/model: the network cannot be differentiated: {}{}", o.where, reason,
                                 fused ? ": if it was traced under torch.no_grad(), trace it without" : ""));
  }
  if (!network.network().module) return;  // built-in networks are what they are
  const Vector start = network.weights();
  const at::ScalarType type = network.network().type;
  try {
    Index all = 0;
    for (const auto& shard : shards) all += shard.samples();
    check_one_function(o, network, [&](Index b) { return some_samples(network, shards, std::min(b, all)); });
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& e) {
    refuse_input(o, network, e);
  }
  network.convert(type);
  network.set_weights(start);
}

void check_first_losses(const NeuralOptions& o, const SharedNetwork& network, const std::vector<Dataset>& shards) {
  constexpr double most_flops = 2e9, least = 8;
  constexpr std::size_t pass = 250;
  const at::NoGradGuard no_gradient;
  double left = std::max(least, most_flops / std::max(1.0, network.flops()));
  for (std::size_t m = 0; m < shards.size(); ++m) {
    const auto n = static_cast<Index>(
        std::min(static_cast<double>(shards[m].samples()), std::ceil(left / static_cast<double>(shards.size() - m))));
    left -= static_cast<double>(n);
    std::vector<std::int32_t> rows;
    for (Index i = 0; i < n; ++i) {
      rows.push_back(static_cast<std::int32_t>(i * shards[m].samples() / n));
      if (i + 1 < n && rows.size() < pass) continue;
      const Labelled batch = network.batch(shards[m], rows);
      const at::Tensor finite = at::isfinite(network.losses(network.outputs(batch.x), batch.labels));
      const auto wrong = finite.logical_not().nonzero();
      if (wrong.numel() > 0) {
        const auto row = rows[static_cast<std::size_t>(wrong[0][0].item<std::int64_t>())];
        throw InputError(fmt::format(
            "{}/model: the first loss is no finite number at sample {} of worker {} ({}; its largest feature is "
            "{:g}): expected weights and features at which the network can be evaluated, e.g. "
            "\"scaling\": \"standardise\"",
            o.where, row + 1, m + 1, shards[m].name, largest_feature(shards[m], row)));
      }
      rows.clear();
    }
  }
}

}  // namespace laconic::problems
