#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc shadowheart_doc{
    .title = "Shadowheart SGD: who computes and who sends as much as a time budget allows (asynchronous)",
    .box = R"(h_m, t_m: seconds of one gradient and of one message of worker m, on an idle way;  r = sigma^2/eps
t* = min_j max(s_j, h_j, t_j) over the workers sorted by max(h, t);  s_j solves
     s = 1 / sum_{i<=j} 1/(2 t_i omega + 4 t_i omega h_i r/s + 2 h_i r)
b_m = floor(t*/h_m),  m_m = floor(t*/t_m);  who has a 0 is out;  w_m = 1/(b_m omega + omega r + m_m r)
server sends theta^k to all who are not
worker m:  g = sum of b_m stochastic gradients at theta^k;  sends m_m independent compressions C(g)
server:    theta^{k+1} = theta^k - gamma_k (sum_m w_m sum C(g)) / (sum_m w_m m_m b_m)  when all are there)",
    .differences =
        "The server waits for all messages, where the paper's stops at the time. r is given, and h and t are the "
        "platform's: a link that all share is counted as if each had it alone.",
    .bits = "w d",
    .citation = "Tyurin, Pozzi, Ilin, Richtarik: \"Shadowheart SGD\", NeurIPS 2024",
};

/// Who does how much in a round.
struct ShadowPlan {
  double budget = 0;  ///< t*, s
  std::vector<Round> gradients, messages;
};

/// The s_j of the first j of `order`; 0 where a denominator vanishes.
inline double equilibrium(std::span<const double> h, std::span<const double> t, std::span<const std::size_t> order,
                          double omega, double r) {
  const auto share = [&](double s) {  // of 1, growing with s
    double sum = 0;
    for (const std::size_t i : order) sum += s / (2 * t[i] * omega + 2 * h[i] * r + 4 * t[i] * omega * h[i] * r / s);
    return sum;
  };
  double high = 0;
  for (const std::size_t i : order) {
    const double least = 2 * t[i] * omega + 2 * h[i] * r;
    if (least == 0) return 0;
    high = std::max(high, least);
  }
  while (share(high) < 1) high *= 2;
  double low = 0;
  for (double middle = high / 2; low < middle && middle < high; middle = low + (high - low) / 2)
    (share(middle) < 1 ? low : high) = middle;
  return high;
}

inline ShadowPlan shadow_plan(std::span<const double> h, std::span<const double> t, double omega, double r) {
  const auto slowest = [&](std::size_t i) { return std::max(h[i], t[i]); };
  std::vector<std::size_t> order(h.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return slowest(a) < slowest(b); });
  const auto s = [&](std::size_t j) { return equilibrium(h, t, std::span(order).first(j + 1), omega, r); };
  // s falls with j and the other term grows: the least of their maxima is where they cross.
  std::size_t first = 0, end = order.size() - 1;
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    if (s(middle) <= slowest(order[middle]))
      end = middle;
    else
      first = middle + 1;
  }
  ShadowPlan out{std::max(s(first), slowest(order[first])), {}, {}};
  if (first > 0) out.budget = std::min(out.budget, std::max(s(first - 1), slowest(order[first - 1])));
  for (std::size_t i = 0; i < h.size(); ++i) {
    out.gradients.push_back(static_cast<Round>(out.budget / h[i]));
    out.messages.push_back(static_cast<Round>(out.budget / t[i]));
    if (out.gradients[i] == 0 || out.messages[i] == 0) out.gradients[i] = out.messages[i] = 0;
  }
  return out;
}

class ShadowheartWorker final : public Worker {
 public:
  ShadowheartWorker(int m, const Oracle& f_m, std::unique_ptr<Sampler> sampler, std::unique_ptr<Compressor> compressor,
                    Round gradients, Round messages, const RoundOptions& options)
      : m_(static_cast<std::uint32_t>(m)),
        f_m_(f_m),
        sampler_(std::move(sampler)),
        compressor_(std::move(compressor)),
        gradients_(gradients),
        messages_(messages),
        options_(options),
        theta_(options.d),
        sum_(options.d),
        gradient_(options.d) {}

  const Message* round(Round n, const Message* model) override {
    if (model) {
      BitReader in(*model, options_.wire);
      in.reals(theta_);
    }
    sum_.setZero();
    flops_ = 0;
    for (Round j = n * gradients_; j < (n + 1) * gradients_; ++j) {
      const Batch xi = sampler_->draw(j);
      f_m_.gradient(theta_, xi, gradient_);
      flops_ += f_m_.flops(xi);
      sum_ += gradient_;
    }
    BitWriter out(message_, options_.wire);
    for (Round i = n * messages_; i < (n + 1) * messages_; ++i) {
      Rng rng = stream_of(options_, m_, i);
      compressor_->encode(sum_, rng, out);
    }
    flops_ += static_cast<double>(messages_) * coding_flops(compressor_->encoding, options_, m_);
    return &message_;
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return theta_; }

 private:
  std::uint32_t m_;
  const Oracle& f_m_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Compressor> compressor_;
  Round gradients_, messages_;
  RoundOptions options_;
  Vector theta_, sum_, gradient_;
  Message message_;
  double flops_ = 0;
};

class ShadowheartServer final : public AsynchronousServer {
 public:
  struct Parts {
    ShadowPlan plan;
    double omega, r, scale;
    Schedule gamma;
    std::unique_ptr<Compressor> compressor;
    Vector start;
  };
  ShadowheartServer(Parts parts, const RoundOptions& options)
      : parts_(std::move(parts)),
        options_(options),
        theta_(std::move(parts_.start)),
        decoded_(options.d),
        uploads_(parts_.plan.gradients.size()),
        answers_(uploads_.size(), 0),
        holds_(uploads_.size(), nothing) {
    for (std::size_t m = 0; m < uploads_.size(); ++m)
      if (parts_.plan.gradients[m] > 0) first_.push_back(static_cast<int>(m));
  }

  const std::vector<int>& first() const override { return first_; }

  // The sum is formed in worker order, whoever comes first.
  Taken take(int m, const Message* upload) override {
    const auto at = static_cast<std::size_t>(m);
    Vector& sum = uploads_[at];
    sum.setZero(options_.d);
    BitReader in(*upload, options_.wire);
    const Round messages = parts_.plan.messages[at], n = answers_[at] - 1;
    for (Round i = n * messages; i < (n + 1) * messages; ++i) {
      Rng rng = stream_of(options_, static_cast<std::uint32_t>(m), i);
      parts_.compressor->decode(in, rng, decoded_);
      sum += decoded_;
    }
    in.expect_end();
    if (++arrived_ < first_.size()) return {true, 0, false};
    arrived_ = 0;
    step();
    due_ = first_;
    return {true, 0, true};
  }

  void ask(int m, bool forgot) override {
    if (forgot) holds_[static_cast<std::size_t>(m)] = nothing;
    due_.push_back(m);
  }
  std::vector<int> due() override {
    std::sort(due_.begin(), due_.end());
    return std::exchange(due_, {});
  }
  std::shared_ptr<const Message> answer(int m) override {
    ++answers_[static_cast<std::size_t>(m)];
    if (std::exchange(holds_[static_cast<std::size_t>(m)], k_) == k_) return nullptr;
    if (encoded_at_ != k_) {
      auto message = std::make_shared<Message>();
      BitWriter(*message, options_.wire).reals(theta_);
      encoded_ = std::move(message);
      encoded_at_ = k_;
    }
    return encoded_;
  }
  Round version() const override { return k_; }
  const Vector& model() const override { return theta_; }

 private:
  void step() {
    Vector sum = Vector::Zero(options_.d);
    double weights = 0;
    for (const int m : first_) {
      const auto at = static_cast<std::size_t>(m);
      const auto b = static_cast<double>(parts_.plan.gradients[at]), c = static_cast<double>(parts_.plan.messages[at]);
      const double below = b * parts_.omega + parts_.omega * parts_.r + c * parts_.r, w = below > 0 ? 1 / below : 1;
      sum += w * uploads_[at];
      weights += w * c * b;
    }
    theta_ -= parts_.gamma(k_) * parts_.scale / weights * sum;
    ++k_;
  }

  Parts parts_;
  RoundOptions options_;
  Vector theta_, decoded_;
  std::vector<Vector> uploads_;
  static constexpr Round nothing = -1;
  std::vector<Round> answers_, holds_;  // how many each worker got, and the version that it holds
  std::vector<int> first_, due_;
  std::size_t arrived_ = 0;
  Round k_ = 0, encoded_at_ = nothing;
  std::shared_ptr<const Message> encoded_;
};

AsynchronousMethod shadowheart(const Setup& s, Params& in);

}  // namespace laconic::asynchronous
