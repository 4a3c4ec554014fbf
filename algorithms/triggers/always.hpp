#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::triggers {

/// Every worker uploads in every round.
class Always final : public Trigger {
 public:
  bool fires(Candidate&) override { return true; }
  void uploaded(Candidate&) override {}
  bool lazy() const override { return false; }
};

inline PerWorker<Trigger> always(const Setup&, Params&) {
  return [](int) { return std::make_unique<Always>(); };
}

}  // namespace laconic::triggers
