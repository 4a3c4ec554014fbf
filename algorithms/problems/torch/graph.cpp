#include "algorithms/problems/torch/graph.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <optional>

namespace laconic::problems {
namespace {

using namespace torch::jit;

class Reader {
 public:
  Reader(const Module& module, const Value* self) : module_(module), self_(self) {}

  std::vector<GraphOperation> found;

  void block(const Block* block) {
    for (const Node* node : block->nodes()) {
      if (node->kind() == prim::If) {
        const auto condition = value_of(node->input(0));
        const bool known = condition && condition->isBool();
        for (std::size_t branch : {0u, 1u})
          if (!known || condition->toBool() == (branch == 0)) this->block(node->blocks()[branch]);
        continue;
      }
      if (node->kind().is_aten()) found.push_back({node->kind().toQualString(), layer_of(node), in_training(node)});
      for (const Block* inner : node->blocks()) this->block(inner);
    }
  }

 private:
  // What is known of a value before the graph runs: a constant, or an attribute of the module.
  std::optional<c10::IValue> value_of(const Value* value) const {
    if (value == self_) return c10::IValue(module_._ivalue());
    const Node* node = value->node();
    if (node->kind() == prim::GetAttr) {
      const auto object = value_of(node->input(0));
      if (!object || !object->isObject()) return {};
      return object->toObject()->getAttr(node->s(attr::name));
    }
    if (node->kind() == aten::__not__) {
      const auto inner = value_of(node->input(0));
      if (!inner || !inner->isBool()) return {};
      return c10::IValue(!inner->toBool());
    }
    if (const auto constant = toIValue(value)) return *constant;
    return {};
  }

  std::string path_of(const Value* value) const {
    const Node* node = value->node();
    if (value == self_ || node->kind() != prim::GetAttr) return "";
    const std::string before = path_of(node->input(0));
    return (before.empty() ? "" : before + ".") + node->s(attr::name);
  }

  std::string layer_of(const Node* node) const {
    std::string out;
    if (const auto stack = node->callstack())
      for (const auto& entry : (*stack)->vec())
        if (const auto& instance = std::get<2>(entry)) {
          const std::string name = instance->instance_name();
          if (!name.empty() && name != "SELF" && name.find("UNKNOWN") == name.npos)
            out += (out.empty() ? "" : ".") + name;
        }
    for (std::size_t i = 0; i < node->inputs().size() && out.empty(); ++i) {
      const std::string path = path_of(node->input(i));
      if (const auto dot = path.rfind('.'); dot != path.npos) out = path.substr(0, dot);
    }
    return out;
  }

  bool in_training(const Node* node) const {
    const auto* schema = node->maybeSchema();
    if (!schema) return false;
    for (std::size_t i = 0; i < schema->arguments().size() && i < node->inputs().size(); ++i) {
      const std::string& name = schema->arguments()[i].name();
      if (name != "train" && name != "training" && name != "use_input_stats") continue;
      const auto value = value_of(node->input(i));
      return value && value->isBool() && value->toBool();
    }
    return false;
  }

  const Module& module_;
  const Value* self_;
};

}  // namespace

std::vector<GraphOperation> operations_of(const Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  Inline(*graph);
  Reader reader(module, graph->inputs()[0]);
  reader.block(graph->block());
  return std::move(reader.found);
}

}  // namespace laconic::problems
