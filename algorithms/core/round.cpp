#include "algorithms/core/round.hpp"

namespace laconic {
namespace {

class GenericWorker final : public Worker, private Candidate {
 public:
  GenericWorker(int m, WorkerParts parts, const RoundOptions& options)
      : m_(m), parts_(std::move(parts)), options_(options), theta_(options.d), gradient_(options.d), sent_(options.d) {}

  const Message* round(Round k, const Message& broadcast) override {
    k_ = k;
    encoded_ = false;
    BitReader in(broadcast, options_.wire);
    parts_.downlink->decode(in, theta_);
    const Batch xi = parts_.sampler->draw(k);
    parts_.oracle->gradient(theta_, xi, gradient_);
    flops_ = parts_.oracle->flops(xi);
    parts_.memory->compensate(k, gradient_, wanted_);
    if (!parts_.trigger->fires(*this)) return nullptr;
    encode();
    parts_.memory->commit(wanted_, sent_);
    parts_.trigger->uploaded(*this);
    return &message_;
  }

  double flops() const override { return flops_; }

 private:
  Round k() const override { return k_; }
  const Vector& theta() const override { return theta_; }
  const Vector& gradient() const override { return gradient_; }
  const Vector& held() override {
    encode();
    return held_;
  }

  // At most once a round: a rule may need C(wanted) before it decides.
  void encode() {
    if (encoded_) return;
    encoded_ = true;
    Rng rng(options_.seed, Purpose::compressor, static_cast<std::uint32_t>(m_), static_cast<std::uint64_t>(k_));
    {
      BitWriter out(message_, options_.wire);
      parts_.compressor->encode(wanted_, rng, out);
    }
    BitReader in(message_, options_.wire);
    parts_.compressor->decode(in, sent_);
    parts_.memory->held(sent_, held_);
    if (parts_.compressor->lossy()) flops_ += options_.compress_flops_per_entry * static_cast<double>(options_.d);
  }

  int m_;
  WorkerParts parts_;
  RoundOptions options_;
  Vector theta_, gradient_, wanted_, sent_, held_;
  Message message_;
  Round k_ = 0;
  bool encoded_ = false;
  double flops_ = 0;
};

class GenericServer final : public Server {
 public:
  GenericServer(ServerParts parts, Vector start, const RoundOptions& options)
      : parts_(std::move(parts)), options_(options), theta_(std::move(start)), received_(options.d) {}

  const Message& broadcast(Round k) override {
    Rng rng(options_.seed, Purpose::compressor, ~0u, static_cast<std::uint64_t>(k));
    {
      BitWriter out(broadcast_, options_.wire);
      parts_.downlink->encode(theta_, rng, out);
    }
    return broadcast_;
  }

  // The server judges by the model the workers would see, which wire rounding may have moved.
  const std::vector<int>& participants(Round k) override {
    BitReader in(broadcast_, options_.wire);
    parts_.downlink->decode(in, received_);
    parts_.aggregator->begin_round();
    return parts_.participation->choose(k, received_);
  }

  void receive(int m, const Message& message) override {
    BitReader in(message, options_.wire);
    parts_.compressor->decode(in, received_);
    parts_.aggregator->add(m, received_);
  }

  void finish_round(Round k) override { parts_.update->apply(k, theta_, parts_.aggregator->result()); }

  const Vector& model() const override { return theta_; }

  double flops() const override {
    return parts_.downlink->lossy() ? options_.compress_flops_per_entry * static_cast<double>(options_.d) : 0;
  }

 private:
  ServerParts parts_;
  RoundOptions options_;
  Vector theta_, received_;
  Message broadcast_;
};

}  // namespace

std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const RoundOptions& options) {
  return std::make_unique<GenericWorker>(m, std::move(parts), options);
}

std::unique_ptr<Server> make_server(ServerParts parts, Vector start, const RoundOptions& options) {
  return std::make_unique<GenericServer>(std::move(parts), std::move(start), options);
}

}  // namespace laconic
