#include "algorithms/core/generic_server.hpp"

#include "algorithms/core/vote_codec.hpp"

namespace laconic {
namespace {

class GenericServer final : public Server {
 public:
  GenericServer(ServerParts parts, const Vector& start, const RoundOptions& options)
      : parts_(std::move(parts)),
        options_(options),
        theta_(start),
        received_(start),
        vote_(parts_.aggregator->scaled(), parts_.update->side_values_down()),
        down_(parts_.update->side_values_down()) {
    const auto side_values_for = [](const SideValueReader& reader) {
      const auto values = reader.side_values(0);
      return std::vector<double>(values ? values->count() : 0);
    };
    to_participation_ = side_values_for(*parts_.participation);
    to_update_ = side_values_for(*parts_.update);
  }

  bool broadcasts() const override { return parts_.downlink != nullptr; }

  const Message* broadcast(Round k) override {
    if (!parts_.downlink) return nullptr;
    encode(*parts_.downlink, theta_, options_, server_sends, k, message_);
    return &message_;
  }

  // The server judges by the model the workers would see, which wire rounding may have moved.
  const std::vector<int>& participants(Round k) override {
    if (parts_.downlink) decode(*parts_.downlink, message_, options_, server_sends, k, received_);
    parts_.aggregator->begin_round();
    decoding_flops_ = 0;
    return parts_.participation->choose(k, parts_.downlink ? received_ : theta_);
  }

  void receive(int m, const Message& message, Round sent) override {
    Rng rng = stream_of(options_, static_cast<std::uint32_t>(m), sent);
    BitReader in(message, options_.wire);
    parts_.compressor->decode(in, rng, received_);
    decoding_flops_ += coding_flops(parts_.compressor->decoding, options_, server_sends);
    for (double& x : to_participation_) x = in.real();
    for (double& x : to_update_) x = in.real();
    in.expect_end();
    parts_.aggregator->add(m, received_);
    parts_.participation->read_side_values(m, to_participation_);
    parts_.update->read_side_values(m, to_update_);
  }

  void finish_round(Round k) override {
    const Vector& direction = parts_.aggregator->result();
    if (!parts_.downlink) {
      vote_.encode(direction, *parts_.update, options_.wire, message_);
      vote_.apply(message_, k, options_.wire, *parts_.update, theta_);
      return;
    }
    parts_.update->write_side_values_down(down_);
    parts_.update->read_side_values_down(down_);
    parts_.update->apply(k, theta_, direction);
  }

  const Message* vote_down(Round) override { return parts_.downlink ? nullptr : &message_; }
  const Vector& model() const override { return theta_; }

  double flops() const override {
    return parts_.downlink ? coding_flops(parts_.downlink->encoding, options_, server_sends) : 0;
  }
  double decoding_flops() const override { return decoding_flops_; }

 private:
  ServerParts parts_;
  RoundOptions options_;
  Vector theta_, received_;
  Message message_;  // the broadcast, or the vote
  double decoding_flops_ = 0;
  VoteCodec vote_;
  std::vector<double> down_, to_participation_, to_update_;
};

}  // namespace

std::unique_ptr<Server> make_server(ServerParts parts, const Vector& start, const RoundOptions& options) {
  return std::make_unique<GenericServer>(std::move(parts), start, options);
}

}  // namespace laconic
