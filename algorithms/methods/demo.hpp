#pragma once

#include "algorithms/methods/blocks.hpp"
#include "algorithms/methods/cosine_transform.hpp"
#include "algorithms/methods/local_worker.hpp"
#include "algorithms/methods/slots.hpp"
#include "algorithms/updates/adaptive.hpp"

namespace laconic::methods {

inline constexpr MethodDoc demo_doc{
    .title = "DeMo: the largest cosine coefficients of a momentum that each worker keeps, and signs of their mean",
    .box = R"(server sends x^k to all workers
worker m:  d_m = r d_m + gamma_k grad l(x^k; xi_m^k)
           sends the k largest coefficients of each block's cosine transform; d_m loses what these transform back to
server:    q = each coefficient's mean over those who sent it
           x^{k+1} = x^k - gamma_k lambda x^k - gamma_k sign(q transformed back), sign(0) = 0)",
    .differences =
        "r (\"decay\") is 0.999, k 32, lambda (\"weight_decay\") 0 unless the entry says otherwise. A layer of rows x cols is "
        "cut into blocks of the largest divisors up to \"block\", 64, what is no matrix into pieces likewise; transforms "
        "are orthonormal, of rows and columns. i is ceil(log2 of a block's entries): 12 bits in a block of 64 x 64. The "
        "server takes the place of the paper's all-gather, and sends the model down.",
    .bits = "n (w + i)",
    .citation = "Peng, Quesnelle, Kingma: \"Decoupled momentum optimization\", arXiv:2411.19870, 2024, Algorithm 1",
};

/// The blocks' coefficients, each in the place of an entry.
struct DemoCode {
  BlockModel blocks;
  std::shared_ptr<const CosineTransform> transform;

  void read(const Message& message, Wire wire, KeptEntries& kept) const {
    BitReader in(message, wire);
    blocks.read(in, kept);
    in.expect_end();
  }
};

class DemoWorker final : public Worker {
 public:
  DemoWorker(const Oracle& f_m, std::unique_ptr<Sampler> sampler, Schedule gamma, DemoCode code, double decay,
             const RoundOptions& options)
      : f_m_(f_m),
        sampler_(std::move(sampler)),
        gamma_(gamma),
        code_(std::move(code)),
        decay_(decay),
        options_(options),
        x_(options.d),
        gradient_(options.d),
        momentum_(Vector::Zero(options.d)),
        coefficients_(options.d),
        sent_(options.d) {}

  const Message* round(Round k, const Message* broadcast) override {
    BitReader in(*broadcast, options_.wire);
    in.reals(x_);
    const Batch xi = sampler_->draw(k);
    f_m_.gradient(x_, xi, gradient_);
    momentum_ = decay_ * momentum_ + gamma_(k) * gradient_;
    code_.transform->forward(code_.blocks, momentum_, coefficients_);
    code_.blocks.choose(coefficients_, kept_);
    {
      BitWriter out(message_, options_.wire);
      code_.blocks.write(kept_, out);
    }
    flops_ = f_m_.flops(xi) + options_.compress_flops_per_entry * static_cast<double>(options_.d);
    return &message_;
  }
  void upload_decided(bool taken) override {
    if (!taken) return;
    code_.read(message_, options_.wire, kept_);
    coefficients_.setZero();
    for (std::size_t i = 0; i < kept_.at.size(); ++i) coefficients_[kept_.at[i]] = kept_.values[i];
    code_.transform->back(code_.blocks, coefficients_, sent_);
    momentum_ -= sent_;
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 private:
  const Oracle& f_m_;
  std::unique_ptr<Sampler> sampler_;
  Schedule gamma_;
  DemoCode code_;
  double decay_, flops_ = 0;
  RoundOptions options_;
  Vector x_, gradient_, momentum_, coefficients_, sent_;
  KeptEntries kept_;
  Message message_;
};

class DemoServer final : public Server {
 public:
  DemoServer(std::unique_ptr<Participation> chosen, Vector start, DemoCode code, Schedule gamma, double lambda,
             Wire wire)
      : chosen_(std::move(chosen)),
        x_(std::move(start)),
        code_(std::move(code)),
        gamma_(gamma),
        lambda_(lambda),
        wire_(wire),
        mean_(x_.size()),
        direction_(x_.size()) {}

  const Message* broadcast(Round) override {
    BitWriter out(message_, wire_);
    out.reals(x_);
    return &message_;
  }
  const std::vector<int>& participants(Round k) override {
    mean_.begin();
    return chosen_->choose(k, x_);
  }
  void receive(int, const Message& message, Round) override {
    code_.read(message, wire_, received_);
    mean_.add(received_);
  }
  void finish_round(Round k) override {
    code_.transform->back(code_.blocks, mean_.result(), direction_);
    const double gamma = gamma_(k);
    if (lambda_ > 0) x_ -= gamma * lambda_ * x_;
    for (Index i = 0; i < x_.size(); ++i) {
      const double u = direction_[i];
      x_[i] -= gamma * (u > 0 ? 1 : u < 0 ? -1 : u);  // 0 stays 0, and what is no number is not hidden
    }
  }
  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return x_; }

 private:
  std::unique_ptr<Participation> chosen_;
  Vector x_;
  DemoCode code_;
  Schedule gamma_;
  double lambda_;
  Wire wire_;
  MeanOfSenders mean_;
  Vector direction_;
  KeptEntries received_;
  Message message_;
};

inline Method demo(const Setup& s, Params& in) {
  refuse_workload(s, in);
  refuse_reuse(s, in);
  const Schedule gamma = read_schedule(in, "step", nullptr, "step size gamma_k, of the momentum and of the signs");
  const auto samplers = make_sampler(s, in, true);
  const double decay = in.number("decay", 0.999, updates::decay, "r, of what a worker has not sent yet");
  const double lambda = in.number("weight_decay", 0, non_negative, "lambda: each step takes gamma lambda x off x");
  const Index side = in.count("block", 64, 1, "rows and columns of a block, at most", CosineTransform::most);
  const Index k = in.count("k", 32, 1, "coefficients of a block that are sent");
  const BlockModel blocks(s.problem, side, side, k);
  const DemoCode code{blocks, std::make_shared<const CosineTransform>(blocks)};
  bool all = true;
  auto chosen = read_clients(s, in, all);
  const Vector start = make_start(s, in);
  Method method;
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(std::make_unique<DemoWorker>(*s.problem.workers[static_cast<std::size_t>(m)], samplers(m),
                                                          gamma, code, decay, s.round));
  method.uploads.no_sum = mean_of_senders_is_no_sum();
  if (!all) method.uploads.some_take_part = {"clients", "they leave workers out"};
  method.server = std::make_unique<DemoServer>(std::move(chosen), start, code, gamma, lambda, s.round.wire);
  return method;
}

}  // namespace laconic::methods
