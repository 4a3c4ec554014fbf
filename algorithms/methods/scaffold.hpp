#pragma once

#include "algorithms/methods/compose.hpp"
#include "algorithms/methods/sized.hpp"
#include "algorithms/participation/all.hpp"
#include "algorithms/participation/sampled.hpp"

namespace laconic::methods {

inline constexpr MethodDoc scaffold_doc{
    .title = "SCAFFOLD: local SGD with control variates against client drift",
    .box = R"(server sends x and c to a set S of workers
worker m in S:  y = x; H times: draws xi, y -= gamma (grad l(y; xi) - c_m + c)
                c_m^+ = c_m - c + (x - y) / sum_h gamma_h;  sends y - x and c_m^+ - c_m;  c_m = c_m^+
server:         x += (1/|S|) sum_{m in S} (y_m - x);  c += (1/M) sum_{m in S} (c_m^+ - c_m))",
    .differences = "Option II, with the server's step 1. gamma is gamma_s of step s = k H + h.",
    .bits = "2 w d",
    .citation = "Karimireddy, Kale, Mohri, Reddi, Stich, Suresh: \"SCAFFOLD\", ICML 2020, Algorithm 1",
    .down = "2 w d",
};

class ScaffoldWorker final : public Worker {
 public:
  ScaffoldWorker(const Oracle& f_m, std::unique_ptr<Sampler> sampler, LocalSteps local, const RoundOptions& options)
      : f_m_(f_m),
        sampler_(std::move(sampler)),
        local_(local),
        wire_(options.wire),
        x_(options.d),
        c_(options.d),
        gradient_(options.d),
        c_m_(Vector::Zero(options.d)) {}

  const Message* round(Round k, const Message* broadcast) override {
    BitReader in(*broadcast, wire_);
    in.reals(x_);
    in.reals(c_);
    y_ = x_;
    flops_ = 0;
    double gammas = 0;
    for (Round s = k * local_.H; s < (k + 1) * local_.H; ++s) {
      const Batch xi = sampler_->draw(s);
      f_m_.gradient(y_, xi, gradient_);
      flops_ += f_m_.flops(xi);
      y_ -= local_.gamma(s) * (gradient_ - c_m_ + c_);
      gammas += local_.gamma(s);
    }
    change_ = (x_ - y_) / gammas - c_;  // c_m^+ - c_m
    y_ -= x_;
    {
      BitWriter out(message_, wire_);
      out.reals(y_);
      out.reals(change_);
    }
    // What the server adds to c, both ends know: wire rounding included.
    BitReader sent(message_, wire_);
    sent.reals(gradient_);
    sent.reals(gradient_);
    c_m_ += gradient_;
    return &message_;
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 private:
  const Oracle& f_m_;
  std::unique_ptr<Sampler> sampler_;
  LocalSteps local_;
  Wire wire_;
  Vector x_, c_, gradient_, c_m_, y_, change_;
  Message message_;
  double flops_ = 0;
};

class ScaffoldServer final : public Server {
 public:
  ScaffoldServer(int M, std::unique_ptr<Participation> chosen, Vector start, const RoundOptions& options)
      : M_(M),
        chosen_(std::move(chosen)),
        wire_(options.wire),
        x_(std::move(start)),
        c_(Vector::Zero(options.d)),
        moved_(options.d),
        changed_(options.d),
        received_(options.d) {}

  const Message* broadcast(Round) override {
    BitWriter out(message_, wire_);
    out.reals(x_);
    out.reals(c_);
    return &message_;
  }
  const std::vector<int>& participants(Round k) override {
    moved_.setZero();
    changed_.setZero();
    const auto& S = chosen_->choose(k, x_);
    size_ = static_cast<double>(S.size());
    return S;
  }
  void receive(int, const Message& message, Round) override {
    BitReader in(message, wire_);
    in.reals(received_);
    moved_ += received_;
    in.reals(received_);
    changed_ += received_;
    in.expect_end();
  }
  void finish_round(Round) override {
    x_ += moved_ / size_;
    c_ += changed_ / M_;
  }
  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return x_; }

 private:
  double M_, size_ = 1;
  std::unique_ptr<Participation> chosen_;
  Wire wire_;
  Vector x_, c_, moved_, changed_, received_;
  Message message_;
};

inline Method scaffold(const Setup& s, Params& in) {
  refuse_deadlines(s, in, "the server's control variate is the mean of the workers', which must have arrived");
  const LocalSteps local{in.count("H", {}, 1, "gradient steps of a worker in a round"),
                         read_step(s, in, nullptr, "step size gamma_s of a worker's step s")};
  const auto samplers = make_sampler(s, in, true);
  const bool all = !in.look("clients", "all workers", "a positive number: a count, or a share of the workers below 1",
                            "workers that take part in a round");
  auto chosen = (all ? participation::all_take_part(s, in) : participation::sampled(s, in))(0);
  const Vector start = make_start(s, in);
  Summation uploads{.code = [code = SumCode{Adds::reals, s.d(), bits_of(s.round.wire), 2}](Round) { return code; }};
  if (!all) uploads.some_take_part = {"clients", "they leave workers out"};
  if (s.problem.workload) {
    SizedParts parts;
    parts.up = parts.down = bits_of_reals(s, 2 * s.d());
    parts.local_steps = local.H;
    parts.participation = std::move(chosen);
    return sized_method(s, std::move(parts), std::move(uploads));
  }
  Method method;
  method.local_steps = local.H;
  method.uploads = std::move(uploads);
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(
        std::make_unique<ScaffoldWorker>(*s.problem.workers[static_cast<std::size_t>(m)], samplers(m), local, s.round));
  method.server = std::make_unique<ScaffoldServer>(s.M(), std::move(chosen), start, s.round);
  return method;
}

}  // namespace laconic::methods
