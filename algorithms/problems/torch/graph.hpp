#pragma once

#include <torch/script.h>

#include <string>
#include <vector>

namespace laconic::problems {

/// An operation in the graph of a module's forward.
struct GraphOperation {
  std::string name;       ///< e.g. "aten::dropout"
  std::string layer;      ///< the path of the submodule that it stands in; empty in the module itself or where unknown
  bool training = false;  ///< it is told by a constant or an attribute that it is in training
};

/// All of them in order, calls inlined, without branches that the module in its present mode never takes.
std::vector<GraphOperation> operations_of(const torch::jit::Module& module);

}  // namespace laconic::problems
