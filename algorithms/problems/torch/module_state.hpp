#pragma once

#include <torch/script.h>

#include <functional>
#include <string>
#include <vector>

namespace laconic::problems {

/// A place in a module that holds a value: an attribute of it or of a module in it, or an entry of such a list.
struct Slot {
  enum class Kind { parameter, buffer, other };
  std::string name;  ///< e.g. "fc1.weight", "lstm._flat_weights[0]"
  Kind kind = Kind::other;
  c10::IValue value;
  std::function<void(c10::IValue)> set;
};

/// All of them, but for modules themselves; what stands in two places is listed once, by the first of its names.
std::vector<Slot> slots_of(const torch::jit::Module& module);

/// A digest of a value's numbers: of a tensor's, of an attribute's.
std::size_t state_digest(const c10::IValue& value);

}  // namespace laconic::problems
