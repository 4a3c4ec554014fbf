#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::memories {

/// p = g: nothing is kept.
class NoMemory final : public Memory {
 public:
  void compensate(Round, const Vector& g, Vector& wanted) override { wanted = g; }
  void commit(const Vector&, const Vector&) override {}
};

inline PerWorker<Memory> no_memory(const Setup&, Params&) {
  return [](int) { return std::make_unique<NoMemory>(); };
}

}  // namespace laconic::memories
