#pragma once

#include <cmath>

#include "algorithms/compressors/scaled_sign.hpp"
#include "algorithms/memories/error_feedback.hpp"
#include "algorithms/methods/compose.hpp"
#include "algorithms/methods/sized.hpp"
#include "algorithms/participation/all.hpp"
#include "algorithms/updates/adaptive.hpp"

namespace laconic::methods {

inline constexpr MethodDoc onebit_adam_doc{
    .title = "1-bit Adam: Adam to warm up, then its momentum in one bit a coordinate, both ways",
    .box = R"(k < T (warm-up):
worker m:  sends g_m = grad l(x^k; xi_m^k)
server:    sends g = (1/M) sum_m g_m to all workers      ("sum": sum_m)
everybody: m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  x^{k+1} = x^k - gamma_k m / sqrt(v + eps)
k >= T, v as it is:
worker m:  m_m = b1 m + (1 - b1) g_m, sends C(m_m + e_m), e_m = m_m + e_m - C(m_m + e_m)
server:    a = (1/M) sum_m C(m_m + e_m) + e      ("sum": sum_m), sends C(a) to all workers, e = a - C(a)
everybody: m = C(a);  x^{k+1} = x^k - gamma_k m / sqrt(v + eps))",
    .differences =
        "C is the scaled sign. A server takes the place of the paper's all-to-all exchange. eps stands inside the root.",
    .bits = "w + d",
    .citation = "Tang, Gan, Awan, Rajbhandari, Li, Lian, Liu, Zhang, He: \"1-bit Adam\", ICML 2021, Algorithm 1",
    .down = "w + d",
};

/// What server and workers have in common: the state of Adam, and how a message is written in either phase.
class OneBitState {
 public:
  OneBitState(Vector start, Schedule gamma, updates::Moments p, Round warm_up, const RoundOptions& options)
      : x(std::move(start)),
        m(Vector::Zero(x.size())),
        gamma_(gamma),
        p_(p),
        warm_up_(warm_up),
        options_(options),
        v_(Vector::Zero(x.size())),
        sign_(x.size(), 1.0 / static_cast<double>(x.size())) {}

  bool warm(Round k) const { return k < warm_up_; }
  double beta1() const { return p_.beta1; }

  void write(Round k, const Vector& vector, Message& message) const {
    Rng unused(0, Purpose::compressor);
    BitWriter out(message, options_.wire);
    if (warm(k))
      out.reals(vector);
    else
      sign_.encode(vector, unused, out);
  }
  void read(Round k, const Message& message, Vector& vector) const {
    Rng unused(0, Purpose::compressor);
    BitReader in(message, options_.wire);
    vector.resize(x.size());
    if (warm(k))
      in.reals(vector);
    else
      sign_.decode(in, unused, vector);
    in.expect_end();
  }
  double encoding_flops(Round k, std::uint32_t host) const {
    return warm(k) ? 0 : coding_flops(cost.encode, options_, host);
  }
  double decoding_flops(Round k) const { return warm(k) ? 0 : coding_flops(cost.decode, options_, server_sends); }
  /// The step of all copies.
  void step(Round k, const Message& vote_down) {
    read(k, vote_down, heard_);
    if (warm(k)) {
      m = p_.beta1 * m + (1 - p_.beta1) * heard_;
      v_ = p_.beta2 * v_ + (1 - p_.beta2) * heard_.cwiseAbs2();
    } else {
      m = heard_;
    }
    x.array() -= gamma_(k) * m.array() / (v_.array() + p_.eps).sqrt();
  }

  Vector x, m;
  CodecCost cost;

 private:
  Schedule gamma_;
  updates::Moments p_;
  Round warm_up_;
  RoundOptions options_;
  Vector v_, heard_;
  compressors::ScaledSign sign_;
};

class OneBitWorker final : public Worker {
 public:
  OneBitWorker(int m, const Oracle& f_m, std::unique_ptr<Sampler> sampler, OneBitState state)
      : m_(static_cast<std::uint32_t>(m)),
        f_m_(f_m),
        sampler_(std::move(sampler)),
        state_(std::move(state)),
        g_(state_.x.size()),
        e_(Vector::Zero(g_.size())) {}

  const Message* round(Round k, const Message*) override {
    const Batch xi = sampler_->draw(k);
    f_m_.gradient(state_.x, xi, g_);
    flops_ = f_m_.flops(xi) + state_.encoding_flops(k, m_);
    if (state_.warm(k)) {
      state_.write(k, g_, message_);
      return &message_;
    }
    wanted_ = state_.beta1() * state_.m + (1 - state_.beta1()) * g_ + e_;
    state_.write(k, wanted_, message_);
    state_.read(k, message_, g_);
    e_ = wanted_ - g_;
    return &message_;
  }
  void close(Round k, const Message& vote_down) override { state_.step(k, vote_down); }
  double flops() const override { return flops_; }
  const Vector& model() const override { return state_.x; }

 private:
  std::uint32_t m_;
  const Oracle& f_m_;
  std::unique_ptr<Sampler> sampler_;
  OneBitState state_;
  Vector g_, e_, wanted_;
  Message message_;
  double flops_ = 0;
};

class OneBitServer final : public Server {
 public:
  OneBitServer(int M, double scale, OneBitState state)
      : scale_(scale), state_(std::move(state)), sum_(state_.x.size()), e_(Vector::Zero(sum_.size())) {
    for (int m = 0; m < M; ++m) everybody_.push_back(m);
  }
  bool broadcasts() const override { return false; }
  const Message* broadcast(Round) override { return nullptr; }
  const std::vector<int>& participants(Round) override {
    sum_.setZero();
    decoding_flops_ = 0;
    return everybody_;
  }
  double decoding_flops() const override { return decoding_flops_; }
  void receive(int, const Message& message, Round sent) override {
    state_.read(sent, message, received_);
    decoding_flops_ += state_.decoding_flops(sent);
    sum_ += received_;
  }
  void finish_round(Round k) override {
    sum_ *= scale_;
    if (!state_.warm(k)) sum_ += e_;
    state_.write(k, sum_, message_);
    if (!state_.warm(k)) {
      state_.read(k, message_, received_);
      e_ = sum_ - received_;
    }
    state_.step(k, message_);
  }
  const Message* vote_down(Round) override { return &message_; }
  const Vector& model() const override { return state_.x; }

 private:
  double scale_;
  OneBitState state_;
  Vector sum_, e_, received_;
  Message message_;
  double decoding_flops_ = 0;
  std::vector<int> everybody_;
};

inline Method sized_onebit_adam(const Setup& s, Round warm_up, Summation uploads) {
  SizedParts parts;
  parts.up = parts.down = [warm_up, dense = bits_of_reals(s, s.d()),
                           signs = *compressors::ScaledSign(s.d(), 1).payload_bits(s.round.wire)](Round k) {
    return k < warm_up ? dense(k) : signs;
  };
  parts.votes = true;
  const CodecCost cost = s.cost_of("onebit-adam", true);
  parts.encoding = [=](Round k) { return k < warm_up ? CodingCost{} : cost.encode; };
  parts.decoding = [=](Round k) { return k < warm_up ? CodingCost{} : cost.decode; };
  parts.participation = std::make_unique<participation::AllTakePart>(s.M());
  return sized_method(s, std::move(parts), std::move(uploads));
}

inline Method onebit_adam(const Setup& s, Params& in) {
  refuse_deadlines(
      s, in, "the workers keep copies of the model, and one that misses a step computes with another model for ever");
  const Schedule gamma = read_step(s, in, nullptr, "step size gamma_k");
  const updates::Moments p = updates::read_moments(in);
  const Round warm_up = in.count("warm_up", {}, 1, "T, rounds of uncompressed Adam");
  const auto samplers = make_sampler(s, in, true);
  OneBitState state(make_start(s, in), gamma, p, warm_up, s.round);
  state.cost = s.cost_of("onebit-adam", true);
  const double scale = s.problem.objective == Reduction::mean ? 1.0 / s.M() : 1.0;
  Summation uploads{.no_sum =
                        Refusal{"method", "after its warm-up it sends scaled signs, whose sum is no scaled sign"}};
  if (s.problem.workload) return sized_onebit_adam(s, warm_up, std::move(uploads));
  Method method;
  method.uploads = std::move(uploads);
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(
        std::make_unique<OneBitWorker>(m, *s.problem.workers[static_cast<std::size_t>(m)], samplers(m), state));
  method.server = std::make_unique<OneBitServer>(s.M(), scale, state);
  return method;
}

}  // namespace laconic::methods
