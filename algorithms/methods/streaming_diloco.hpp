#pragma once

#include "algorithms/methods/local_worker.hpp"

namespace laconic::methods {

/// Streaming DiLoCo: P fragments of the model, of d/P entries each (to one), take turns. A round of the record is H/P
/// local steps, at whose end fragment p = k mod P is sent; what the server makes of it goes down with round k + 1, in
/// which workers mix it in after `delay` steps. Douillard et al.: "Streaming DiLoCo with overlapping communication",
/// arXiv:2501.18512, 2025, Algorithm 2.
struct Fragments {
  Index d;
  Round P;

  struct Part {
    Index offset, size;
  };
  Part sent_in(Round k) const {
    const auto p = static_cast<Index>(k % P), n = static_cast<Index>(P);
    const Index from = p * d / n;
    return {from, (p + 1) * d / n - from};
  }
  /// All of the model at first, then the fragment of the round before.
  Part heard_in(Round k) const { return k == 0 ? Part{0, d} : sent_in(k - 1); }
};

class StreamingDilocoWorker final : public Worker {
 public:
  StreamingDilocoWorker(LocalWalk walk, Fragments fragments, Round delay, double alpha, const RoundOptions& options)
      : walk_(std::move(walk)),
        fragments_(fragments),
        delay_(delay),
        alpha_(alpha),
        wire_(options.wire),
        global_(options.d),
        moved_(Vector::Zero(options.d)) {}

  const Message* round(Round k, const Message* broadcast) override {
    flops_ = 0;
    if (k == 0) hear(k, *broadcast);
    const Round steps = walk_.H() / fragments_.P;
    for (Round i = 0; i < steps; ++i) {
      if (k > 0 && i == delay_) hear(k, *broadcast);
      flops_ += walk_.step(k * steps + i, global_, moved_);
    }
    const auto part = fragments_.sent_in(k);
    BitWriter out(message_, wire_);
    out.reals(std::span<const double>(moved_.data() + part.offset, static_cast<std::size_t>(part.size)));
    return &message_;
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return global_; }

 private:
  // The worker stands at global - moved, entry by entry: theta = (1 - a) new + a (global - moved).
  void hear(Round k, const Message& broadcast) {
    const auto [offset, size] = fragments_.heard_in(k);
    heard_.resize(size);
    BitReader in(broadcast, wire_);
    in.reals(heard_);
    in.expect_end();
    auto global = global_.segment(offset, size);
    auto moved = moved_.segment(offset, size);
    if (k == 0 || alpha_ == 0)
      moved.setZero();
    else
      moved = alpha_ * (heard_ - global + moved);
    global = heard_;
  }

  LocalWalk walk_;
  Fragments fragments_;
  Round delay_;
  double alpha_, flops_ = 0;
  Wire wire_;
  Vector global_, moved_, heard_;
  Message message_;
};

class StreamingDilocoServer final : public Server {
 public:
  StreamingDilocoServer(int M, Fragments fragments, Schedule g, double b, Vector start, Wire wire)
      : fragments_(fragments), g_(g), b_(b), theta_(std::move(start)), v_(Vector::Zero(theta_.size())), wire_(wire) {
    for (int m = 0; m < M; ++m) everybody_.push_back(m);
  }

  const Message* broadcast(Round k) override {
    const auto part = fragments_.heard_in(k);
    BitWriter out(message_, wire_);
    out.reals(std::span<const double>(theta_.data() + part.offset, static_cast<std::size_t>(part.size)));
    return &message_;
  }
  const std::vector<int>& participants(Round k) override {
    Delta_.setZero(fragments_.sent_in(k).size);
    return everybody_;
  }
  void receive(int, const Message& message, Round) override {
    received_.resize(Delta_.size());
    BitReader in(message, wire_);
    in.reals(received_);
    in.expect_end();
    Delta_ += received_;
  }
  void finish_round(Round k) override {
    const auto [offset, size] = fragments_.sent_in(k);
    Delta_ *= 1.0 / static_cast<double>(everybody_.size());
    auto v = v_.segment(offset, size);
    v = b_ * v + Delta_;
    theta_.segment(offset, size) -= g_(k / fragments_.P) * (Delta_ + b_ * v);
  }
  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return theta_; }

 private:
  Fragments fragments_;
  Schedule g_;
  double b_;
  Vector theta_, v_, Delta_, received_;
  Wire wire_;
  Message message_;
  std::vector<int> everybody_;
};

/// Reads what is left of the entry.
Method streaming_diloco(const Setup& s, Params& in, Round P, Round delay, double alpha);

}  // namespace laconic::methods
