#pragma once

#include <functional>
#include <memory>

#include "algorithms/core/schedule.hpp"
#include "algorithms/core/setup.hpp"
#include "algorithms/triggers/history.hpp"

// Whether a node tells its neighbours how far it is from what they hold.

namespace laconic::decentralised {

/// What a rule may look at.
struct Distance {
  Round k;
  double gamma;              ///< the step size of the round's last gradient step
  const Vector& x;           ///< the node's model when the round began
  double from_copy_squared;  ///< ||h_i - xh_i||^2, h_i the model after its gradient steps, xh_i what neighbours hold
};

/// A node's say: does it send this round? Asked once a round.
class SendRule {
 public:
  virtual ~SendRule() = default;
  virtual bool fires(const Distance& at) = 0;
};

class Always final : public SendRule {
 public:
  bool fires(const Distance&) override { return true; }
};

/// Silent unless k mod H = 0.
class Every final : public SendRule {
 public:
  explicit Every(Round H) : H_(H) {}
  bool fires(const Distance& at) override { return at.k % H_ == 0; }

 private:
  Round H_;
};

/// SPARQ-SGD's event trigger, line 7 of its Algorithm 1: ||h - xh||^2 > c_k gamma_k^2.
class SparqRule final : public SendRule {
 public:
  explicit SparqRule(Schedule c) : c_(c) {}
  bool fires(const Distance& at) override { return at.from_copy_squared > c_(at.k) * at.gamma * at.gamma; }

 private:
  Schedule c_;
};

/// LASG's rule between neighbours: ||h - xh||^2 > (c / d_max) sum_{d=1..d_max} ||x^{k+1-d} - x^{k-d}||^2, or D rounds
/// have passed since the node last sent.
class LasgGraphRule final : public SendRule {
 public:
  LasgGraphRule(double c, Round d_max, Round D)
      : moved_(std::vector<double>(static_cast<std::size_t>(d_max), c / static_cast<double>(d_max))), D_(D) {}
  bool fires(const Distance& at) override {
    moved_.push(at.x);
    const bool fires = at.k == 0 || since_ >= D_ || at.from_copy_squared > moved_.value();
    since_ = fires ? 1 : since_ + 1;
    return fires;
  }

 private:
  triggers::History moved_;
  Round D_, since_ = 1;
};

using MakeSendRule = std::function<std::unique_ptr<SendRule>()>;

/// Reads the slot "trigger", which holds `fallback` if the entry does not say.
MakeSendRule read_send_rule(Params& in, const char* fallback);

}  // namespace laconic::decentralised
