#pragma once

#include "algorithms/methods/compose.hpp"
#include "algorithms/methods/low_rank_model.hpp"
#include "algorithms/methods/sized.hpp"
#include "algorithms/participation/all.hpp"

namespace laconic::methods {

inline constexpr MethodDoc powersgd_doc{
    .title = "PowerSGD: the workers' common low-rank approximation, by one power iteration a round",
    .box = R"(each layer a matrix of p rows and q columns; Q, q x r, the same at all workers
server sends x^k to all workers
worker m:   M_m = grad l(x^k; xi_m^k) + e_m;  sends P_m = M_m Q
server:     sends P = (1/M) sum_m P_m to all workers
everybody:  P^ = an orthonormal basis of P's columns
worker m:   sends Q_m = M_m' P^
server:     Q = (1/M) sum_m Q_m;  G = P^ Q';  x^{k+1} = x^k - gamma_k G      ("sum": M G)
worker m:   e_m = M_m - G;  the next round starts from Q (warm start))",
    .differences =
        "A server takes the place of the all-reduces, which collectives bring back. Workers find G in the model's own "
        "step, and Q = G' P^: with an update that does not tell it (any but gd and momentum), Q comes down beside "
        "the model, w r q bits more. A column of P that is zero, or depends on those before it, gives way to the first "
        "unit vector that does not. Layers of one dimension travel as they are, beside P. The paper's momentum is added "
        "to the direction; update \"momentum\" is the heavy ball.",
    .bits = "w r (p + q)",
    .citation = "Vogels, Karimireddy, Jaggi: \"PowerSGD\", NeurIPS 2019, Algorithms 1 and 2",
    .down = "w d + w r p",
    .exchanges = 2,
};

/// What both ends of PowerSGD know.
struct PowerSetting {
  LowRankModel layers;
  double scale;    ///< the server steps along scale G
  bool sends_Q;    ///< whether Q comes down beside the model, since the step does not tell it
  Vector first_Q;  ///< where the first power iteration starts
  CodecCost cost;  ///< of factorising an entry of the matrices, once for P and once for Q
  RoundOptions options;
};

class PowerWorker final : public Worker {
 public:
  PowerWorker(int m, const Oracle& f_m, std::unique_ptr<Sampler> sampler, std::unique_ptr<Update> steps,
              std::shared_ptr<const PowerSetting> setting)
      : m_(static_cast<std::uint32_t>(m)),
        f_m_(f_m),
        sampler_(std::move(sampler)),
        steps_(std::move(steps)),
        setting_(std::move(setting)),
        x_(setting_->options.d),
        received_(x_.size()),
        M_(Vector::Zero(x_.size())),
        G_(x_.size()),
        P_(setting_->layers.size_of_P()),
        Q_(setting_->first_Q) {}

  const Message* round(Round k, const Message* broadcast) override {
    receive(k, *broadcast);
    const Batch xi = sampler_->draw(k);
    f_m_.gradient(x_, xi, G_);
    M_ += G_;  // it was e_m
    layers().multiply(M_, Q_, P_);
    flops_ = f_m_.flops(xi) + factorising();
    BitWriter out(message_, setting_->options.wire);
    out.reals(P_);
    for (const auto& part : layers().plain) out.reals(all_of(M_, part));
    return &message_;
  }

  const Message* answer(Round, const Message& mean_P) override {
    BitReader in(mean_P, setting_->options.wire);
    in.reals(P_);
    in.expect_end();
    layers().orthonormalise(P_);
    layers().multiply_transposed(M_, P_, Q_);
    flops_ = factorising();
    BitWriter out(message_, setting_->options.wire);
    out.reals(Q_);
    return &message_;
  }

  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return x_; }

 private:
  const LowRankModel& layers() const { return setting_->layers; }
  double factorising() const {
    return coding_flops(setting_->cost.encode, setting_->options, m_, layers().entries_of_matrices());
  }

  // Takes the model, and learns what the last round's step was, so that M_ becomes e_m.
  void receive(Round k, const Message& broadcast) {
    BitReader in(broadcast, setting_->options.wire);
    in.reals(received_);
    x_.swap(received_);
    if (k > 0) {
      if (setting_->sends_Q) {
        in.reals(Q_);
        layers().multiply_back(P_, Q_, G_);
      } else {
        steps_->find_direction(k - 1, received_, x_, G_);
        G_ /= setting_->scale;
        layers().multiply_transposed(G_, P_, Q_);
      }
      M_ -= G_;
      for (const auto& part : layers().plain) M_.segment(part.offset, part.size).setZero();
    }
    in.expect_end();
  }

  std::uint32_t m_;
  const Oracle& f_m_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Update> steps_;  // reads the server's steps
  std::shared_ptr<const PowerSetting> setting_;
  Vector x_, received_;
  Vector M_;  // M_m in a round, e_m between rounds
  Vector G_;  // G, and the gradient
  Vector P_, Q_;
  Message message_;
  double flops_ = 0;
};

class PowerServer final : public Server {
 public:
  PowerServer(int M, std::unique_ptr<Update> update, Vector start, std::shared_ptr<const PowerSetting> setting)
      : M_(M),
        update_(std::move(update)),
        setting_(std::move(setting)),
        x_(std::move(start)),
        G_(Vector::Zero(x_.size())),
        plain_(x_.size()),
        P_(setting_->layers.size_of_P()),
        Q_(setting_->first_Q),
        heard_P_(P_.size()),
        heard_Q_(Q_.size()) {
    for (int m = 0; m < M; ++m) everybody_.push_back(m);
  }

  const Message* broadcast(Round k) override {
    BitWriter out(message_, setting_->options.wire);
    out.reals(x_);
    if (k > 0 && setting_->sends_Q) out.reals(Q_);
    return &message_;
  }

  const std::vector<int>& participants(Round) override {
    has_P_ = false;
    P_.setZero();
    G_.setZero();
    return everybody_;
  }

  void receive(int, const Message& message, Round) override {
    BitReader in(message, setting_->options.wire);
    if (has_P_) {
      in.reals(heard_Q_);
      Q_ += heard_Q_;
    } else {
      in.reals(heard_P_);
      P_ += heard_P_;
      for (const auto& part : setting_->layers.plain) {
        in.reals(all_of(plain_, part));
        G_.segment(part.offset, part.size) += plain_.segment(part.offset, part.size);
      }
    }
    in.expect_end();
  }

  const Message* next_exchange(Round) override {
    if (has_P_) return nullptr;
    has_P_ = true;
    P_ /= M_;
    {
      BitWriter out(message_, setting_->options.wire);
      out.reals(P_);
    }
    BitReader in(message_, setting_->options.wire);  // as the workers decode it
    in.reals(P_);
    setting_->layers.orthonormalise(P_);
    Q_.setZero();
    return &message_;
  }

  void finish_round(Round k) override {
    Q_ /= M_;
    for (const auto& part : setting_->layers.plain) G_.segment(part.offset, part.size) /= M_;
    setting_->layers.multiply_back(P_, Q_, G_);
    G_ *= setting_->scale;
    update_->apply(k, x_, G_);
  }

  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return x_; }

 private:
  double M_;
  std::unique_ptr<Update> update_;
  std::shared_ptr<const PowerSetting> setting_;
  Vector x_, G_, plain_, P_, Q_, heard_P_, heard_Q_;
  bool has_P_ = false;  // whether all workers' P are there
  Message message_;
  std::vector<int> everybody_;
};

// Slots of other methods, and why this one has none of them.
inline void refuse_other_slots(Params& in) {
  static constexpr std::pair<const char*, const char*> reasons[] = {
      {"compressor",
       "\"powersgd\" is one: the workers' P and Q travel; \"low-rank\" is a compressor of each worker's own"},
      {"memory", "\"powersgd\" has its own, which subtracts what all workers have in common"},
      {"trigger", "P and Q are means over all workers, none of whom may be silent"},
      {"participation", "P and Q are means over all workers, none of whom may be left out"},
      {"clients", "P and Q are means over all workers, none of whom may be left out"},
      {"aggregate", "P and Q are means, in the method's definition"},
      {"downlink", "the workers find the server's step in the model as it comes down"},
      {"local_steps", "the method factorises gradients"},
      {"H", "the method factorises gradients"},
      {"momentum", "the method's momentum is the server's, behind the error memories: \"update\": \"momentum\""},
  };
  for (const auto& [key, why] : reasons)
    if (in.has(key)) in.refuse(key, why);
}

inline Method sized_powersgd(const Setup& s, const PowerSetting& setting, Summation uploads) {
  const LowRankModel& layers = setting.layers;
  SizedParts parts;
  parts.up = bits_of_reals(s, layers.size_of_P() + layers.size_of_plain());
  parts.down = [first = bits_of_reals(s, s.d()),
                later = bits_of_reals(s, s.d() + (setting.sends_Q ? layers.size_of_Q() : 0))](Round k) {
    return k == 0 ? first(k) : later(k);
  };
  parts.further = {{bits_of_reals(s, layers.size_of_P())(0), bits_of_reals(s, layers.size_of_Q())(0)}};
  parts.encoding = [cost = setting.cost.encode](Round) { return cost; };
  parts.entries = layers.entries_of_matrices();
  parts.participation = std::make_unique<participation::AllTakePart>(s.M());
  return sized_method(s, std::move(parts), std::move(uploads));
}

inline Method powersgd(const Setup& s, Params& in) {
  refuse_deadlines(s, in, "P and Q are means over all workers, whose answers must have arrived");
  refuse_other_slots(in);
  auto make_update = make_server_update(s, in, nullptr);
  const auto samplers = make_sampler(s, in, false);
  auto setting = std::make_shared<PowerSetting>();
  setting->layers = read_low_rank_model(s, in);
  const auto code_of = [&](Index reals) { return SumCode{Adds::reals, reals, bits_of(s.round.wire)}; };
  Summation uploads{
      .code = [code = code_of(setting->layers.size_of_P() + setting->layers.size_of_plain())](Round) { return code; },
      .further = {code_of(setting->layers.size_of_Q())}};
  setting->scale = s.problem.objective == Reduction::mean ? 1 : s.M();
  setting->sends_Q = !make_update(0)->tells_direction();
  setting->first_Q = read_first_Q(s, in, setting->layers);
  setting->options = s.round;
  setting->cost = s.cost_of("powersgd", true);
  const Vector start = make_start(s, in);
  if (s.problem.workload) return sized_powersgd(s, *setting, std::move(uploads));
  Method method;
  method.uploads = std::move(uploads);
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(std::make_unique<PowerWorker>(m, *s.problem.workers[static_cast<std::size_t>(m)],
                                                           samplers(m), make_update(m), setting));
  method.server = std::make_unique<PowerServer>(s.M(), make_update(0), start, setting);
  return method;
}

}  // namespace laconic::methods
