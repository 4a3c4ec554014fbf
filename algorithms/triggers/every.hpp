#pragma once

#include "algorithms/core/setup.hpp"

namespace laconic::triggers {

/// Silent unless k mod H = 0; between, the server reuses what it has.
class Every final : public Trigger {
 public:
  explicit Every(Round H) : H_(H) {}
  bool fires(Candidate& c) override { return c.k() % H_ == 0; }
  void uploaded(Candidate&) override {}

 private:
  Round H_;
};

inline PerWorker<Trigger> every(const Setup&, Params& in) {
  const auto H = in.count("H", {}, 1, "rounds from one upload to the next");
  return [H](int) { return std::make_unique<Every>(H); };
}

}  // namespace laconic::triggers
