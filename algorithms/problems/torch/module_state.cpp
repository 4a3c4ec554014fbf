#include "algorithms/problems/torch/module_state.hpp"

#include <fmt/format.h>

#include <set>

namespace laconic::problems {
namespace {

class Walk {
 public:
  std::vector<Slot> slots;

  void object(const c10::intrusive_ptr<c10::ivalue::Object>& object, const std::string& prefix) {
    if (!seen_.insert(object.get()).second) return;
    const auto type = object->type();
    for (std::size_t i = 0; i < type->numAttributes() && i < object->slots().size(); ++i) {
      const c10::IValue value = object->getSlot(i);
      const std::string name = prefix + type->getAttributeName(i);
      const auto kind = type->is_parameter(i) ? Slot::Kind::parameter
                        : type->is_buffer(i)  ? Slot::Kind::buffer
                                              : Slot::Kind::other;
      visit({name, kind, value, [object, i](c10::IValue to) { object->setSlot(i, std::move(to)); }});
    }
  }

 private:
  void visit(Slot slot) {
    const c10::IValue value = slot.value;
    if (value.isObject()) return object(value.toObject(), slot.name + ".");
    if (value.isList()) {
      const auto list = value.toList();
      for (std::size_t i = 0; i < list.size(); ++i) {
        const c10::IValue entry = list.get(i);
        visit({fmt::format("{}[{}]", slot.name, i), slot.kind, entry,
               [list, i](c10::IValue to) mutable { list.set(i, std::move(to)); }});
      }
    }
    if (value.isGenericDict()) {
      const auto dict = value.toGenericDict();
      for (const auto& entry : dict) {
        const c10::IValue key = entry.key();
        const std::string shown = key.isString() ? fmt::format("\"{}\"", key.toStringRef()) : "...";
        visit({fmt::format("{}[{}]", slot.name, shown), slot.kind, entry.value(),
               [dict, key](c10::IValue to) mutable { dict.insert_or_assign(key, std::move(to)); }});
      }
    }
    slots.push_back(std::move(slot));
  }

  std::set<const void*> seen_;
};

void mix(std::size_t& digest, std::size_t more) { digest = digest * 0x9e3779b97f4a7c15u + more; }

}  // namespace

std::vector<Slot> slots_of(const torch::jit::Module& module) {
  Walk walk;
  walk.object(module._ivalue(), "");
  return std::move(walk.slots);
}

std::size_t state_digest(const c10::IValue& value) {
  std::size_t out = 1;
  if (value.isTensor()) {
    if (!value.toTensor().defined() || value.toTensor().layout() != at::kStrided || value.toTensor().is_quantized())
      return out;
    const at::Tensor x = value.toTensor().detach().contiguous();
    for (const auto size : x.sizes()) mix(out, static_cast<std::size_t>(size));
    mix(out, static_cast<std::size_t>(x.scalar_type()));
    mix(out, std::hash<std::string_view>()({static_cast<const char*>(x.data_ptr()), x.nbytes()}));
  } else if (value.isList()) {
    const auto list = value.toList();
    mix(out, list.size());
  } else if (value.isGenericDict()) {
    mix(out, value.toGenericDict().size());
  } else if (value.isTuple()) {
    for (const auto& entry : value.toTupleRef().elements()) mix(out, state_digest(entry));
  } else if (value.isInt()) {
    mix(out, static_cast<std::size_t>(value.toInt()));
  } else if (value.isDouble()) {
    mix(out, std::hash<double>()(value.toDouble()));
  } else if (value.isBool()) {
    mix(out, value.toBool() ? 2 : 1);
  } else if (value.isString()) {
    mix(out, std::hash<std::string>()(value.toStringRef()));
  }
  return out;
}

}  // namespace laconic::problems
