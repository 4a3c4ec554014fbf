#pragma once

#include "algorithms/methods/blocks.hpp"
#include "algorithms/methods/local_worker.hpp"
#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

inline constexpr MethodDoc sparse_loco_doc{
    .title = "SparseLoCo: DiLoCo whose workers send the largest entries of their moves, with error feedback",
    .box = R"(server sends theta^k to all workers
worker m:  theta_m = theta^k; H times: draws xi, an AdamW step of size gamma along grad l(theta_m; xi)
           e_m = r e_m + theta^k - theta_m; sends the k largest entries of each block of e_m; e_m loses what was sent
server:    theta^{k+1} = theta^k - g (each entry's mean over those who sent it))",
    .differences =
        "H is 30, r (\"decay\") 0.95, k 64, g (\"server_step\") 0.6 unless the entry says otherwise. A layer of rows x cols "
        "is cut into blocks of the largest divisors up to \"block\", 64; what is no matrix into pieces of the largest "
        "divisor up to the square of that. i is ceil(log2 of a block's entries): 12 bits in a block of 4096. With "
        "\"bits\" b, the values that a layer sends are put into 2^b equal bins over 6 sigma about their mean (sigma^2 "
        "their mean squared distance from it), the outer ones open: n (i + b) bits, and w 2^b a layer for the bins' "
        "means. The server takes the place of the paper's exchange among all.",
    .bits = "n (w + i)",
    .citation =
        "Sarfi, Therien, Lidin, Belilovsky: \"Communication efficient LLM pre-training with SparseLoCo\", "
        "arXiv:2508.15706, 2025",
};

/// How a worker's entries travel.
struct SparseLocoCode {
  BlockModel blocks;
  int bits = 0;  ///< of a value; 0: it is a real number

  void write(const KeptEntries& kept, BitWriter& out) {
    bits > 0 ? blocks.write_binned(kept, bits, out) : blocks.write(kept, out);
  }
  void read(const Message& message, Wire wire, KeptEntries& kept) const {
    BitReader in(message, wire);
    bits > 0 ? blocks.read_binned(in, bits, kept) : blocks.read(in, kept);
    in.expect_end();
  }
};

class SparseLocoWorker final : public Worker {
 public:
  SparseLocoWorker(LocalWalk walk, SparseLocoCode code, double decay, const RoundOptions& options)
      : walk_(std::move(walk)),
        code_(std::move(code)),
        decay_(decay),
        options_(options),
        theta_(options.d),
        moved_(options.d),
        e_(Vector::Zero(options.d)) {}

  const Message* round(Round k, const Message* broadcast) override {
    BitReader in(*broadcast, options_.wire);
    in.reals(theta_);
    moved_.setZero();
    flops_ = 0;
    for (Round s = k * walk_.H(); s < (k + 1) * walk_.H(); ++s) flops_ += walk_.step(s, theta_, moved_);
    wanted_ = decay_ * e_ + moved_;
    code_.blocks.choose(wanted_, kept_);
    {
      BitWriter out(message_, options_.wire);
      code_.write(kept_, out);
    }
    flops_ += options_.compress_flops_per_entry * static_cast<double>(options_.d);
    return &message_;
  }
  void upload_decided(bool taken) override {
    if (!taken) return;
    code_.read(message_, options_.wire, kept_);
    e_ = wanted_;
    for (std::size_t i = 0; i < kept_.at.size(); ++i) e_[kept_.at[i]] -= kept_.values[i];
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return theta_; }

 private:
  LocalWalk walk_;
  SparseLocoCode code_;
  double decay_, flops_ = 0;
  RoundOptions options_;
  Vector theta_, moved_, e_, wanted_;
  KeptEntries kept_;
  Message message_;
};

class SparseLocoServer final : public Server {
 public:
  SparseLocoServer(std::unique_ptr<Participation> chosen, Vector start, SparseLocoCode code, Schedule g, Wire wire)
      : chosen_(std::move(chosen)),
        theta_(std::move(start)),
        code_(std::move(code)),
        g_(g),
        wire_(wire),
        mean_(theta_.size()) {}

  const Message* broadcast(Round) override {
    BitWriter out(message_, wire_);
    out.reals(theta_);
    return &message_;
  }
  const std::vector<int>& participants(Round k) override {
    mean_.begin();
    return chosen_->choose(k, theta_);
  }
  void receive(int, const Message& message, Round) override {
    code_.read(message, wire_, received_);
    mean_.add(received_);
  }
  void finish_round(Round k) override { theta_ -= g_(k) * mean_.result(); }
  const Message* vote_down(Round) override { return nullptr; }
  const Vector& model() const override { return theta_; }

 private:
  std::unique_ptr<Participation> chosen_;
  Vector theta_;
  SparseLocoCode code_;
  Schedule g_;
  Wire wire_;
  MeanOfSenders mean_;
  KeptEntries received_;
  Message message_;
};

inline Method sparse_loco(const Setup& s, Params& in) {
  refuse_workload(s, in);
  refuse_reuse(s, in);
  const auto walks = read_local_walks(s, in, 30, "adamw");
  const double decay = in.number("decay", 0.95, updates::decay, "r, of what a worker has not sent yet");
  const Index side = in.count("block", 64, 1, "rows and columns of a block, at most", 1024);
  const Index k = in.count("k", 64, 1, "entries of a block that are sent");
  SparseLocoCode code{BlockModel(s.problem, side, side * side, k)};
  if (in.look("bits", "none: real numbers", "a whole number from 1 to 8", "b, of a value that is sent"))
    code.bits = static_cast<int>(in.count("bits", {}, 1, "b, of a value that is sent", 8));
  const Schedule g = read_schedule(in, "server_step", "0.6", "g, step size of the server's update");
  bool all = true;
  auto chosen = read_clients(s, in, all);
  const Vector start = make_start(s, in);
  Method method;
  method.local_steps = walks.H;
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(std::make_unique<SparseLocoWorker>(walks.make(m), code, decay, s.round));
  method.uploads.no_sum = mean_of_senders_is_no_sum();
  if (!all) method.uploads.some_take_part = {"clients", "they leave workers out"};
  method.server = std::make_unique<SparseLocoServer>(std::move(chosen), start, code, g, s.round.wire);
  return method;
}

}  // namespace laconic::methods
