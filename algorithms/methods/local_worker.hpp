#pragma once

#include "algorithms/methods/compose.hpp"

namespace laconic::methods {

/// A worker's local steps, for methods that are not composed of slots.
class LocalWalk {
 public:
  LocalWalk(const Oracle& f_m, std::unique_ptr<Sampler> sampler, LocalSteps steps, std::unique_ptr<LocalUpdate> update)
      : f_m_(&f_m), sampler_(std::move(sampler)), steps_(steps), update_(std::move(update)) {}

  Round H() const { return steps_.H; }
  /// The worker's s-th step, from theta - moved, into `moved`. Returns its flops.
  double step(Round s, const Vector& theta, Vector& moved) {
    const Batch xi = sampler_->draw(s);
    at_ = theta - moved;
    gradient_.resize(theta.size());
    f_m_->gradient(at_, xi, gradient_);
    update_->step(steps_.gamma(s), at_, gradient_, moved);
    return f_m_->flops(xi);
  }

 private:
  const Oracle* f_m_;
  std::unique_ptr<Sampler> sampler_;
  LocalSteps steps_;
  std::unique_ptr<LocalUpdate> update_;
  Vector at_, gradient_;
};

/// What makes worker m's.
struct LocalWalks {
  Round H;
  std::function<LocalWalk(int m)> make;
};

/// Reads "step", "batch", "batches", "H" and the slot "local_update".
LocalWalks read_local_walks(const Setup& s, Params& in, Round H, const char* local_update);

/// Reads "clients": how many take part; `all` is whether everybody does.
std::unique_ptr<Participation> read_clients(const Setup& s, Params& in, bool& all);

}  // namespace laconic::methods
