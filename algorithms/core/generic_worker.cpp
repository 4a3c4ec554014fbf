#include "algorithms/core/generic_worker.hpp"

#include "algorithms/core/vote_codec.hpp"

namespace laconic {
namespace {

class GenericWorker final : public Worker, private Candidate {
 public:
  GenericWorker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options)
      : sender_(static_cast<std::uint32_t>(m)),
        parts_(std::move(parts)),
        options_(options),
        theta_(start),
        gradient_(options.d),
        sent_(options.d),
        vote_(parts_.scaled_vote, parts_.update ? parts_.update->side_values_down() : 0) {
    std::size_t count = 0;
    for (const auto& values : parts_.side_values) count += values->count();
    side_values_.resize(count);
  }

  const Message* round(Round k, const Message* broadcast) override {
    k_ = k;
    encoded_ = false;
    flops_ = 0;
    if (broadcast) receive(*broadcast);
    if (parts_.local)
      local_steps();
    else
      one_gradient();
    parts_.memory->compensate(k, with_momentum(), wanted_);
    if (!parts_.trigger->fires(*this)) return nullptr;
    encode_wanted();
    write_side_values();
    return &message_;
  }

  void upload_decided(bool taken) override {
    if (!taken) return;
    parts_.memory->commit(wanted_, sent_);
    parts_.trigger->uploaded(*this);
  }

  void close(Round k, const Message& vote_down) override {
    vote_.apply(vote_down, k, options_.wire, *parts_.update, theta_);
  }

  double flops() const override { return flops_; }
  const Vector& model() const override { return theta_; }

 private:
  void receive(const Message& broadcast) {
    decode(*parts_.downlink, broadcast, options_, server_sends, k_, theta_);
    flops_ += coding_flops(parts_.downlink->decoding, options_, sender_);
  }

  void one_gradient() {
    batch_ = parts_.sampler->draw(k_);
    gradient_at(theta_, gradient_);
  }

  void local_steps() {
    const auto [H, gamma, rho] = *parts_.local;
    gradient_.setZero();
    for (Round s = k_ * H; s < (k_ + 1) * H; ++s) {
      batch_ = parts_.sampler->draw(s);
      at_ = theta_ - gradient_;
      gradient_at(at_, step_);
      if (rho > 0) step_ -= rho * gradient_;  // theta - x has moved so far
      parts_.local_update->step(gamma(s), at_, step_, gradient_);
    }
  }

  const Vector& with_momentum() {
    if (parts_.momentum == 0) return gradient_;
    if (velocity_.size() == 0) velocity_.setZero(options_.d);
    velocity_ = parts_.momentum * velocity_ + (1 - parts_.momentum) * gradient_;
    return velocity_;
  }

  // At most once a round: a rule may need C(wanted) before it decides.
  void encode_wanted() {
    if (encoded_) return;
    encoded_ = true;
    encode(*parts_.compressor, wanted_, options_, sender_, k_, message_);
    decode(*parts_.compressor, message_, options_, sender_, k_, sent_);
    parts_.memory->held(sent_, held_);
    flops_ += coding_flops(parts_.compressor->encoding, options_, sender_);
  }

  void write_side_values() {
    if (side_values_.empty()) return;
    std::size_t at = 0;
    for (auto& values : parts_.side_values) {
      values->write(*this, std::span(side_values_).subspan(at, values->count()));
      at += values->count();
    }
    BitWriter out(message_, options_.wire, BitWriter::append);
    for (double x : side_values_) out.real(x);
  }

  Round k() const override { return k_; }
  const Vector& theta() const override { return theta_; }
  const Vector& gradient() const override { return gradient_; }
  const Oracle& oracle() const override { return *parts_.oracle; }
  const Batch& batch() const override { return batch_; }
  void gradient_at(const Vector& theta, Vector& gradient) override {
    gradient.resize(options_.d);
    parts_.oracle->gradient(theta, batch_, gradient);
    flops_ += parts_.oracle->flops(batch_);
  }
  const Vector& held() override {
    encode_wanted();
    return held_;
  }

  std::uint32_t sender_;
  WorkerParts parts_;
  RoundOptions options_;
  Vector theta_, gradient_, wanted_, sent_, held_;
  Vector at_, step_;  // local steps: where the worker stands, and the gradient there
  Vector velocity_;
  Batch batch_;
  Message message_;
  VoteCodec vote_;
  std::vector<double> side_values_;
  Round k_ = 0;
  bool encoded_ = false;
  double flops_ = 0;
};

}  // namespace

std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options) {
  return std::make_unique<GenericWorker>(m, std::move(parts), start, options);
}

}  // namespace laconic
