#include <fmt/format.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>

#include <algorithm>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/problems/torch/module_state.hpp"
#include "algorithms/problems/torch/network.hpp"
#include "algorithms/problems/torch/words.hpp"

namespace laconic::problems {
namespace {

// Numbers from the first to the last that a tensor has in its storage.
struct Range {
  std::int64_t first, last;
};
Range range_of(const at::Tensor& x) {
  Range out{x.storage_offset(), x.storage_offset()};
  for (std::int64_t i = 0; i < x.dim(); ++i) out.last += (x.size(i) - 1) * x.stride(i);
  return out;
}

std::set<std::int64_t> numbers_of(const at::Tensor& x) {
  std::set<std::int64_t> out{x.storage_offset()};
  for (std::int64_t i = 0; i < x.dim(); ++i) {
    std::set<std::int64_t> next;
    for (const auto at : out)
      for (std::int64_t j = 0; j < x.size(i); ++j) next.insert(at + j * x.stride(i));
    out = std::move(next);
  }
  return out;
}

bool disjoint(const at::Tensor& a, const at::Tensor& b) {
  if (!a.storage().is_alias_of(b.storage())) return true;
  const Range ra = range_of(a), rb = range_of(b);
  if (ra.last < rb.first || rb.last < ra.first) return true;
  const auto within_b = [&](std::int64_t at) { return rb.first <= at && at <= rb.last; };
  if (b.is_non_overlapping_and_dense() && (within_b(ra.first) || within_b(ra.last))) return false;
  const auto in_a = numbers_of(a), in_b = numbers_of(b);
  return std::none_of(in_a.begin(), in_a.end(), [&](auto at) { return in_b.count(at) > 0; });
}

bool trains(const Slot& slot) {
  const at::Tensor& w = slot.value.toTensor();
  return slot.kind == Slot::Kind::parameter && w.requires_grad() && w.numel() > 0;
}

// The tensors of a module. Some share memory with a trained weight: its transpose, a part of it, the same weight in
// another place or in a list. Once loaded, a view is a stranger to autograd, and a conversion of types would part the
// two; so these are made anew for each pass, as views of the weight.
class Tensors {
 public:
  Tensors(const torch::jit::Module& module, const std::string& where) : where_(where) {
    std::vector<Slot> all;
    for (auto& slot : slots_of(module))
      if (slot.value.isTensor() && slot.value.toTensor().defined()) all.push_back(std::move(slot));
    // Where two weights share memory, the one with more numbers is the weight, and the other a view of it.
    std::vector<const Slot*> candidates;
    for (const auto& slot : all)
      if (trains(slot)) candidates.push_back(&slot);
    std::stable_sort(candidates.begin(), candidates.end(), [](const Slot* a, const Slot* b) {
      return a->value.toTensor().numel() > b->value.toTensor().numel();
    });
    std::set<const Slot*> weights;
    for (const Slot* slot : candidates)
      if (!view_of_weight(*slot)) {
        weights.insert(slot);
        bases_.emplace_back(slot->name, slot->value.toTensor());
      }
    for (const auto& slot : all) {
      if (weights.count(&slot) > 0) {
        weights_.emplace_back(slot.name, slot.value.toTensor());
      } else if (trains(slot) || !view_of_weight(slot)) {
        if (!trains(slot)) others_.push_back(slot.value.toTensor());
      }
    }
  }

  const std::vector<std::pair<std::string, at::Tensor>>& weights() const { return weights_; }

  void convert(at::ScalarType type) const {
    const at::NoGradGuard no_gradient;
    const auto one = [&](at::Tensor w) {  // module->to() would make floats of integers too
      if (w.is_floating_point() && w.scalar_type() != type) w.set_data(w.to(type));
    };
    for (const auto& [name, w] : weights_) one(w);
    for (const auto& w : others_) one(w);
    renew();
  }

  void renew() const {
    for (const auto& view : views_) {
      const at::Tensor same =
          view.same ? view.base
                    : view.base.as_strided(view.sizes, view.strides, view.base.storage_offset() + view.offset);
      view.set(view.follows ? same : same.detach());
    }
  }

 private:
  struct View {
    at::Tensor base;
    std::vector<std::int64_t> sizes, strides;
    std::int64_t offset;
    bool same, follows;
    std::function<void(c10::IValue)> set;
  };

  // Whether a slot holds a trained weight's numbers, and if so notes how to make it.
  bool view_of_weight(const Slot& slot) {
    const at::Tensor w = slot.value.toTensor();
    if (w.layout() != at::kStrided || w.numel() == 0) return false;
    for (const auto& [name, base] : bases_) {
      if (!w.is_same(base) && disjoint(w, base)) continue;
      const bool same = w.is_same(base) || (w.sizes() == base.sizes() && w.strides() == base.strides() &&
                                            w.storage_offset() == base.storage_offset());
      const Range all = range_of(base), part = range_of(w);
      const bool inside = base.is_non_overlapping_and_dense() && all.first <= part.first && part.last <= all.last;
      if (!same && (!inside || w.scalar_type() != base.scalar_type()))
        throw InputError(
            fmt::format("{}: \"{}\" and \"{}\" share some of their numbers, and neither is a view of the "
                        "other: clone() one of them before exporting",
                        where_, name, slot.name));
      views_.push_back({base, w.sizes().vec(), w.strides().vec(), w.storage_offset() - base.storage_offset(), same,
                        slot.kind == Slot::Kind::other || w.requires_grad(), slot.set});
      return true;
    }
    if (trains(slot) && numbers_repeat(w))
      throw InputError(
          fmt::format("{}: the weight \"{}\" holds one number in several places, as expand() makes it: "
                      "clone() it before exporting",
                      where_, slot.name));
    return false;
  }

  static bool numbers_repeat(const at::Tensor& w) {
    return !w.is_non_overlapping_and_dense() && static_cast<std::int64_t>(numbers_of(w).size()) < w.numel();
  }

  std::string where_;
  std::vector<std::pair<std::string, at::Tensor>> bases_, weights_;
  std::vector<at::Tensor> others_;
  std::vector<View> views_;
};

}  // namespace

Network network_from_file(const NeuralOptions& o) {
  // Profiling would compile a module anew after some calls, with other roundings.
  torch::jit::getProfilingMode() = false;
  torch::jit::getExecutorMode() = false;
  Network out;
  const std::string path = o.network.path.string(), where = fmt::format("{}/model: {}", o.where, path);
  out.module = std::make_shared<torch::jit::Module>();
  try {
    *out.module = torch::jit::load(path, at::kCPU);
  } catch (const std::exception& e) {
    throw InputError(fmt::format("{} {}", where, load_reason(o.network.path, e)));
  }
  if (!out.module->find_method("forward")) throw InputError(fmt::format("{} has no method \"forward\"", where));
  out.module->eval();
  const auto tensors = std::make_shared<Tensors>(*out.module, where);
  out.weights = tensors->weights();
  if (out.weights.empty()) throw InputError(fmt::format("{} has no weights to train", where));
  tensors->convert(o.double_precision ? at::kDouble : at::kFloat);
  out.convert = [tensors](at::ScalarType type) { tensors->convert(type); };
  out.type = o.double_precision ? at::kDouble : at::kFloat;
  out.forward = [module = out.module, tensors](const at::Tensor& x) {
    tensors->renew();
    return module->forward({x}).toTensor();
  };
  return out;
}

}  // namespace laconic::problems
