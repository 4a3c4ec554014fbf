#include "algorithms/core/generic_round.hpp"

#include <stdexcept>

namespace laconic {
namespace {

// Each message has a stream of its own, which both ends know.
constexpr std::uint32_t server_sends = ~0u;

Rng stream_of(const RoundOptions& options, std::uint32_t sender, Round k) {
  return {options.seed, Purpose::compressor, sender, static_cast<std::uint64_t>(k)};
}

void encode(const Compressor& c, const Vector& v, const RoundOptions& options, std::uint32_t sender, Round k,
            Message& message) {
  Rng rng = stream_of(options, sender, k);
  BitWriter out(message, options.wire);
  c.encode(v, rng, out);
}

void expect_end(const BitReader& in) {
  if (!in.at_end()) throw std::out_of_range("a message is longer than its code");
}

// A vote's way down: its signs, their magnitude if it has one, and what the update announces.
class VoteCodec {
 public:
  VoteCodec(bool scaled, std::size_t announced) : scaled_(scaled), numbers_(announced) {}

  void encode(const Vector& vote, Update& update, Wire wire, Message& message) {
    BitWriter out(message, wire);
    if (scaled_) out.real(std::abs(vote[0]));
    out.signs(vote);
    update.announce(numbers_);
    for (double x : numbers_) out.real(x);
  }

  // Both ends step by what they decode.
  void apply(const Message& message, Round k, Wire wire, Update& update, Vector& theta) {
    BitReader in(message, wire);
    const double magnitude = scaled_ ? in.real() : 1;
    vote_.resize(theta.size());
    in.signs(vote_, magnitude);
    for (double& x : numbers_) x = in.real();
    expect_end(in);
    update.hear(numbers_);
    update.apply(k, theta, vote_);
  }

 private:
  bool scaled_;
  std::vector<double> numbers_;
  Vector vote_;
};

class GenericWorker final : public Worker, private Candidate {
 public:
  GenericWorker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options)
      : sender_(static_cast<std::uint32_t>(m)),
        parts_(std::move(parts)),
        options_(options),
        theta_(start),
        gradient_(options.d),
        sent_(options.d),
        vote_codec_(parts_.scaled_vote, parts_.update ? parts_.update->announced() : 0) {
    std::size_t count = 0;
    for (const auto& postscript : parts_.postscripts) count += postscript->count();
    numbers_.resize(count);
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
    write_postscripts();
    return &message_;
  }

  void upload_decided(bool taken) override {
    if (!taken) return;
    parts_.memory->commit(wanted_, sent_);
    parts_.trigger->uploaded(*this);
  }

  void close(Round k, const Message& vote_down) override {
    vote_codec_.apply(vote_down, k, options_.wire, *parts_.update, theta_);
  }

  double flops() const override { return flops_; }
  const Vector& model() const override { return theta_; }

 private:
  void receive(const Message& broadcast) {
    Rng rng = stream_of(options_, server_sends, k_);
    BitReader in(broadcast, options_.wire);
    parts_.downlink->decode(in, rng, theta_);
    expect_end(in);
  }

  void one_gradient() {
    batch_ = parts_.sampler->draw(k_);
    gradient_at(theta_, gradient_);
  }

  void local_steps() {
    const auto [H, gamma] = *parts_.local;
    gradient_.setZero();
    for (Round s = k_ * H; s < (k_ + 1) * H; ++s) {
      batch_ = parts_.sampler->draw(s);
      at_ = theta_ - gradient_;
      gradient_at(at_, step_);
      gradient_ += gamma(s) * step_;
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
    Rng rng = stream_of(options_, sender_, k_);
    BitReader in(message_, options_.wire);
    parts_.compressor->decode(in, rng, sent_);
    parts_.memory->held(sent_, held_);
    if (parts_.compressor->lossy()) flops_ += options_.compress_flops_per_entry * static_cast<double>(options_.d);
  }

  void write_postscripts() {
    if (numbers_.empty()) return;
    std::size_t at = 0;
    for (auto& postscript : parts_.postscripts) {
      postscript->write(*this, std::span(numbers_).subspan(at, postscript->count()));
      at += postscript->count();
    }
    BitWriter out(message_, options_.wire, BitWriter::append);
    for (double x : numbers_) out.real(x);
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
  Vector at_, step_;  // of local steps
  Vector velocity_;
  Batch batch_;
  Message message_;
  VoteCodec vote_codec_;
  std::vector<double> numbers_;
  Round k_ = 0;
  bool encoded_ = false;
  double flops_ = 0;
};

class GenericServer final : public Server {
 public:
  GenericServer(ServerParts parts, const Vector& start, const RoundOptions& options)
      : parts_(std::move(parts)),
        options_(options),
        theta_(start),
        received_(start),
        vote_codec_(parts_.aggregator->scaled(), parts_.update->announced()),
        announced_(parts_.update->announced()) {
    const auto numbers_for = [](const PostscriptReader& reader) {
      const auto postscript = reader.postscript(0);
      return std::vector<double>(postscript ? postscript->count() : 0);
    };
    to_participation_ = numbers_for(*parts_.participation);
    to_update_ = numbers_for(*parts_.update);
  }

  bool broadcasts() const override { return parts_.downlink != nullptr; }

  const Message* broadcast(Round k) override {
    k_ = k;
    if (!parts_.downlink) return nullptr;
    encode(*parts_.downlink, theta_, options_, server_sends, k, message_);
    return &message_;
  }

  // The server judges by the model the workers would see, which wire rounding may have moved.
  const std::vector<int>& participants(Round k) override {
    if (parts_.downlink) {
      Rng rng = stream_of(options_, server_sends, k);
      BitReader in(message_, options_.wire);
      parts_.downlink->decode(in, rng, received_);
    }
    parts_.aggregator->begin_round();
    return parts_.participation->choose(k, parts_.downlink ? received_ : theta_);
  }

  void receive(int m, const Message& message) override { receive_late(m, message, k_); }

  void receive_late(int m, const Message& message, Round sent) override {
    Rng rng = stream_of(options_, static_cast<std::uint32_t>(m), sent);
    BitReader in(message, options_.wire);
    parts_.compressor->decode(in, rng, received_);
    for (double& x : to_participation_) x = in.real();
    for (double& x : to_update_) x = in.real();
    expect_end(in);
    parts_.aggregator->add(m, received_);
    parts_.participation->noted(m, to_participation_);
    parts_.update->noted(m, to_update_);
  }

  void finish_round(Round k) override {
    const Vector& direction = parts_.aggregator->result();
    if (!parts_.downlink) {
      vote_codec_.encode(direction, *parts_.update, options_.wire, message_);
      vote_codec_.apply(message_, k, options_.wire, *parts_.update, theta_);
      return;
    }
    parts_.update->announce(announced_);
    parts_.update->hear(announced_);
    parts_.update->apply(k, theta_, direction);
  }

  const Message* vote_down(Round) override { return parts_.downlink ? nullptr : &message_; }
  const Vector& model() const override { return theta_; }

  double flops() const override {
    return parts_.downlink && parts_.downlink->lossy()
               ? options_.compress_flops_per_entry * static_cast<double>(options_.d)
               : 0;
  }

 private:
  ServerParts parts_;
  RoundOptions options_;
  Vector theta_, received_;
  Message message_;  // the broadcast, or the vote
  VoteCodec vote_codec_;
  std::vector<double> announced_, to_participation_, to_update_;
  Round k_ = 0;
};

}  // namespace

std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options) {
  return std::make_unique<GenericWorker>(m, std::move(parts), start, options);
}

std::unique_ptr<Server> make_server(ServerParts parts, const Vector& start, const RoundOptions& options) {
  return std::make_unique<GenericServer>(std::move(parts), start, options);
}

std::function<void(Round k, int m, const Message& upload, std::vector<Index>& entries)> entries_of(
    std::shared_ptr<const Compressor> codec, const RoundOptions& options) {
  return
      [=, v = Vector(), ones = Message()](Round k, int m, const Message& upload, std::vector<Index>& entries) mutable {
        const Message* read = &upload;
        if (codec->adds() == Adds::drawn) {  // a drawn entry that happens to be 0 travels as well
          BitWriter out(ones, options.wire);
          for (std::uint64_t n = upload.bits / static_cast<std::uint64_t>(bits_of(options.wire)); n > 0; --n)
            out.real(1);
          read = &ones;
        }
        Rng rng = stream_of(options, static_cast<std::uint32_t>(m), k);
        BitReader in(*read, options.wire);
        codec->decode(in, rng, v);
        entries.clear();
        for (Index i = 0; i < v.size(); ++i)
          if (v[i] != 0) entries.push_back(i);
      };
}

}  // namespace laconic
