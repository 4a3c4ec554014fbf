#include "algorithms/problems/torch/watch.hpp"

#include <ATen/core/function_schema.h>

#include <vector>

namespace laconic::problems {
namespace {

thread_local Watch* current = nullptr;

// Called through the dispatcher's boxed way, as a script calls, an operation is shown the interpreter's whole stack, of
// which the last entries are its own.
std::span<const c10::IValue> last(std::span<const c10::IValue> all, std::size_t count) {
  return count <= all.size() ? all.last(count) : all;
}

}  // namespace

struct Watch::Entered : at::ObserverContext {
  bool told = false, hides = false;
  std::vector<c10::IValue> inputs;  // which can be had at the beginning only
};

Watch::Watch(Before before, After after) : before_(std::move(before)), after_(std::move(after)), enabled_(true) {
  current = this;
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(enter, leave)
                                           .needsInputs(true)
                                           .needsOutputs(true)
                                           .scopes({at::RecordScope::FUNCTION}));
}

Watch::~Watch() {
  at::removeCallback(handle_);
  current = nullptr;
}

std::unique_ptr<at::ObserverContext> Watch::enter(const at::RecordFunction& f) {
  const at::DisableRecordFunctionGuard own_operations_are_not_told;
  auto out = std::make_unique<Entered>();
  if (current->hidden_ == 0) {
    out->told = true;
    if (const auto schema = f.operator_schema()) {
      const auto inputs = last({f.inputs().data(), f.inputs().size()}, schema->arguments().size());
      out->inputs.assign(inputs.begin(), inputs.end());
    }
    if (!current->before_({f.name(), out->inputs, {}})) {
      out->hides = true;
      ++current->hidden_;
    }
  }
  return out;
}

void Watch::leave(const at::RecordFunction& f, at::ObserverContext* context) {
  const at::DisableRecordFunctionGuard own_operations_are_not_told;
  const auto* entered = static_cast<Entered*>(context);
  if (!entered || !current) return;
  if (entered->hides) --current->hidden_;
  if (!entered->told) return;
  const std::span<const c10::IValue> outputs(f.outputs());
  const auto schema = f.operator_schema();
  const std::size_t results = schema ? schema->returns().size() : 0;
  if (outputs.size() < results) return;  // it threw
  current->after_({f.name(), entered->inputs, last(outputs, results)});
}

}  // namespace laconic::problems
