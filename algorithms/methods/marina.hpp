#pragma once

#include <cmath>

#include "algorithms/aggregators/sums.hpp"
#include "algorithms/compressors/identity.hpp"
#include "algorithms/methods/compose.hpp"
#include "algorithms/methods/sized.hpp"
#include "algorithms/methods/summation.hpp"
#include "algorithms/participation/all.hpp"

namespace laconic::methods {

inline constexpr MethodDoc marina_doc{
    .title = "MARINA: compressed gradient changes, and now and then a whole gradient",
    .box = R"(server sends x^k to all workers; c_k = 1 with probability p, the same for all, c_0 = 1
worker m:  sends grad f_m(x^k) if c_k, else Q(grad f_m(x^k) - grad f_m(x^{k-1}))
server:    g^k = (1/M) sum_m (what m sent) if c_k, else g^{k-1} + (1/M) sum_m (what m sent)      ("sum": sum_m)
           x^{k+1} = x^k - gamma g^k)",
    .differences =
        "Both ends draw c_k from a shared stream: it costs no bit. Q is a compressor of the entry's choice, by default "
        "unbiased rand-k.",
    .bits = "w k",
    .citation = "Gorbunov, Burlachenko, Li, Richtarik: \"MARINA\", ICML 2021, Algorithm 1",
};

/// c_k, which everybody knows.
class MarinaCoin {
 public:
  MarinaCoin(double p, std::uint64_t seed) : p_(p), seed_(seed) {}
  bool operator()(Round k) const {
    return k == 0 || Rng(seed_, Purpose::coin, 0, static_cast<std::uint64_t>(k)).uniform() < p_;
  }

 private:
  double p_;
  std::uint64_t seed_;
};

/// What both ends do with a message of theirs.
struct MarinaLink {
  std::shared_ptr<const Compressor> whole, Q;
  MarinaCoin coin;
  RoundOptions options;

  void send(const Vector& v, int m, Round k, Message& message) const {
    encode(coin(k) ? *whole : *Q, v, options, static_cast<std::uint32_t>(m), k, message);
  }
  void receive(const Message& message, int m, Round k, Vector& v) const {
    decode(coin(k) ? *whole : *Q, message, options, static_cast<std::uint32_t>(m), k, v);
  }
};

class MarinaWorker final : public Worker {
 public:
  MarinaWorker(int m, const Oracle& f_m, MarinaLink link)
      : m_(m), f_m_(f_m), link_(std::move(link)), x_(link_.options.d), gradient_(link_.options.d) {}

  const Message* round(Round k, const Message* broadcast) override {
    BitReader in(*broadcast, link_.options.wire);
    in.reals(x_);
    const Batch all{{}, f_m_.samples(), true};
    f_m_.gradient(x_, all, gradient_);
    flops_ = f_m_.flops(all);
    if (!link_.coin(k)) {
      wanted_ = gradient_ - before_;
      link_.send(wanted_, m_, k, message_);
      flops_ += coding_flops(link_.Q->encoding, link_.options, static_cast<std::uint32_t>(m_));
    } else {
      link_.send(gradient_, m_, k, message_);
    }
    before_ = gradient_;
    return &message_;
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 private:
  int m_;
  const Oracle& f_m_;
  MarinaLink link_;
  Vector x_, gradient_, before_, wanted_;
  Message message_;
  double flops_ = 0;
};

class MarinaServer final : public Server {
 public:
  MarinaServer(int M, double scale, Schedule gamma, Vector start, MarinaLink link)
      : scale_(scale), gamma_(gamma), x_(std::move(start)), g_(Vector::Zero(x_.size())), link_(std::move(link)) {
    for (int m = 0; m < M; ++m) everybody_.push_back(m);
  }

  const Message* broadcast(Round) override {
    BitWriter out(message_, link_.options.wire);
    out.reals(x_);
    return &message_;
  }
  const std::vector<int>& participants(Round) override {
    sum_.setZero(x_.size());
    decoding_flops_ = 0;
    return everybody_;
  }
  double decoding_flops() const override { return decoding_flops_; }
  void receive(int m, const Message& message, Round sent) override {
    link_.receive(message, m, sent, received_);
    if (!link_.coin(sent)) decoding_flops_ += coding_flops(link_.Q->decoding, link_.options, server_sends);
    sum_ += received_;
  }
  void finish_round(Round k) override {
    sum_ *= scale_;
    if (link_.coin(k))
      g_ = sum_;
    else
      g_ += sum_;
    x_ -= gamma_(k) * g_;
  }
  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return x_; }

 private:
  double scale_;
  Schedule gamma_;
  Vector x_, g_, sum_, received_;
  MarinaLink link_;
  Message message_;
  double decoding_flops_ = 0;
  std::vector<int> everybody_;
};

/// 1/(L + Lhat sqrt((1 - p) omega / (p M))), Lhat^2 the mean of L_m^2. MARINA, Theorem 2.1.
inline double marina_step(const Problem& problem, double omega, double p) {
  const double M = problem.M();
  double squares = 0;
  for (const double L_m : problem.L_m) squares += L_m * L_m;
  const double scale = problem.objective == Reduction::mean ? 1 : M;
  return 1 / (problem.L + scale * std::sqrt(squares / M * (1 - p) * omega / (p * M)));
}

inline Method sized_marina(const Setup& s, Params& in, const PerWorker<Compressor>& make_Q, double p) {
  const MarinaCoin coin(p, s.round.seed);
  SizedParts parts;
  parts.up = [coin, dense = bits_of_reals(s, s.d()), Q = upload_bits(s, in, make_Q)](Round k) {
    return coin(k) ? dense(k) : Q(k);
  };
  parts.down = bits_of_reals(s, s.d());
  const auto codec = make_Q(0);
  parts.encoding = [coin, cost = codec->encoding](Round k) { return coin(k) ? CodingCost{} : cost; };
  parts.decoding = [coin, cost = codec->decoding](Round k) { return coin(k) ? CodingCost{} : cost; };
  parts.participation = std::make_unique<participation::AllTakePart>(s.M());
  const Refusal unknown{"method", "how its messages add up depends on gradients, and a workload has none"};
  return sized_method(s, std::move(parts), {.no_sum = unknown});
}

inline Method marina(const Setup& setup, Params& in) {
  Setup s = setup;
  refuse_deadlines(s, in, "each message is the change since the one before, which must have arrived");
  s.unbiased = true;
  Schedule gamma = read_step(s, in, "1/L",
                             "step size gamma; by default 1/(L + Lhat sqrt((1 - p) omega / (p M))), Lhat^2 the "
                             "mean of the L_m^2, with sums Lhat times M");
  const double p =
      in.number("p", {}, {"a number above 0, at most 1", 0, 1, true}, "probability of a round of whole gradients");
  const auto make_Q = make_compressor(s, in, "compressor", "rand-k", "Q, how a gradient's change is encoded");
  if (const auto omega = make_Q(0)->omega(); omega && s.problem.smooth() && !in.has("step"))
    gamma.a = marina_step(s.problem, *omega, p);
  const Vector start = make_start(s, in);
  if (s.problem.workload) return sized_marina(s, in, make_Q, p);
  const MarinaLink link{std::make_shared<compressors::Identity>(s.d()), nullptr, MarinaCoin(p, s.round.seed), s.round};
  const auto with_Q = [&](int m) {
    MarinaLink own = link;
    own.Q = make_Q(m);
    return own;
  };
  Method method;
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(
        std::make_unique<MarinaWorker>(m, *s.problem.workers[static_cast<std::size_t>(m)], with_Q(m)));
  const std::shared_ptr<const Compressor> Q = make_Q(0);
  if (Q->adds() == Adds::not_at_all || Q->adds() == Adds::signs) {
    method.uploads.no_sum = {"compressor", "a sum of Q's messages is no such message"};
  } else {
    method.uploads = {.code =
                          [=, coin = link.coin, d = s.d(), w = bits_of(s.round.wire)](Round k) {
                            return SumCode{coin(k) ? Adds::reals : Q->adds(), d, w};
                          },
                      .entries = entries_of(Q, s.round)};
  }
  const double scale = s.problem.objective == Reduction::mean ? 1.0 / s.M() : 1.0;
  method.server = std::make_unique<MarinaServer>(s.M(), scale, gamma, start, with_Q(0));
  return method;
}

}  // namespace laconic::methods
