#pragma once

#include <ATen/record_function.h>

#include <functional>
#include <span>

namespace laconic::problems {

/// An operation that a pass executes, e.g. "aten::mm", with its own arguments and, once it has ended, its results.
struct Operation {
  std::string_view name;
  std::span<const c10::IValue> inputs, outputs;
};

/// As long as it lives, tells of the operations that this thread executes. One at a time a thread.
class Watch {
 public:
  /// Called before each operation; false: those that it is made of are not told.
  using Before = std::function<bool(const Operation&)>;
  using After = std::function<void(const Operation&)>;

  Watch(Before before, After after);
  ~Watch();
  Watch(const Watch&) = delete;

 private:
  struct Entered;
  static std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& f);
  static void leave(const at::RecordFunction& f, at::ObserverContext* context);

  Before before_;
  After after_;
  int hidden_ = 0;
  at::RecordFunctionGuard enabled_;
  at::CallbackHandle handle_;
};

}  // namespace laconic::problems
