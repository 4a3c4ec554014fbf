#include "algorithms/methods/sized.hpp"

#include <fmt/format.h>

#include <mutex>
#include <stdexcept>
#include <utility>

#include "algorithms/base/memory.hpp"

namespace laconic::methods {
namespace {

const Vector no_model;

// A candidate that is its round's number.
class NumberOfRound final : public Candidate {
 public:
  explicit NumberOfRound(Round k) : k_(k) {}
  Round k() const override { return k_; }
  const Vector& theta() const override { return refuse<Vector>(); }
  const Vector& gradient() const override { return refuse<Vector>(); }
  const Oracle& oracle() const override { return refuse<Oracle>(); }
  const Batch& batch() const override { return refuse<Batch>(); }
  void gradient_at(const Vector&, Vector&) override { refuse<Vector>(); }
  const Vector& held() override { return refuse<Vector>(); }

 private:
  template <class T>
  static const T& refuse() {
    throw std::logic_error("a workload has no vectors");
  }
  Round k_;
};

class SizedWorker final : public Worker {
 public:
  SizedWorker(int m, double gradients, std::shared_ptr<const SizedParts> parts, RoundOptions options)
      : m_(static_cast<std::uint32_t>(m)),
        gradients_(gradients),
        parts_(std::move(parts)),
        options_(std::move(options)) {}

  const Message* round(Round k, const Message* broadcast) override {
    exchanges_ = 0;
    flops_ = gradients_;
    if (broadcast) flops_ += coding_flops(parts_->downlink.decode, options_, m_);
    NumberOfRound candidate(k);
    if (trigger && !trigger->fires(candidate)) return nullptr;
    return sent(k, parts_->up(k));
  }
  const Message* answer(Round k, const Message&) override {
    flops_ = 0;
    return sent(k, parts_->further.at(exchanges_++).second);
  }
  void close(Round, const Message&) override {}
  double flops() const override { return flops_; }
  const Vector& model() const override { return no_model; }

  std::unique_ptr<Trigger> trigger;

 private:
  const Message* sent(Round k, std::uint64_t bits) {
    if (parts_->encoding)
      flops_ += coding_flops(parts_->encoding(k), options_, m_, parts_->entries.value_or(options_.d));
    message_.bits = bits;
    return &message_;
  }

  std::uint32_t m_;
  double gradients_;  // flops of a round's
  std::shared_ptr<const SizedParts> parts_;
  RoundOptions options_;
  Message message_;
  double flops_ = 0;
  std::size_t exchanges_ = 0;
};

class SizedServer final : public Server {
 public:
  SizedServer(std::shared_ptr<const SizedParts> parts, RoundOptions options)
      : parts_(std::move(parts)), options_(std::move(options)) {}

  bool broadcasts() const override { return !parts_->votes; }
  const Message* broadcast(Round k) override {
    exchanges_ = 0;
    return broadcasts() ? sized(parts_->down(k)) : nullptr;
  }
  const std::vector<int>& participants(Round k) override {
    decoding_flops_ = 0;
    return parts_->participation->choose(k, no_model);
  }
  void receive(int, const Message&, Round sent) override {
    if (parts_->decoding) decoding_flops_ += coding_flops(parts_->decoding(sent), options_, server_sends);
  }
  const Message* next_exchange(Round) override {
    return exchanges_ < parts_->further.size() ? sized(parts_->further[exchanges_++].first) : nullptr;
  }
  void finish_round(Round) override {}
  const Message* vote_down(Round k) override { return broadcasts() ? nullptr : sized(parts_->down(k)); }
  const Vector& model() const override { return no_model; }
  double flops() const override {
    return broadcasts() ? coding_flops(parts_->downlink.encode, options_, server_sends) : 0;
  }
  double decoding_flops() const override { return decoding_flops_; }

 private:
  const Message* sized(std::uint64_t bits) {
    message_.bits = bits;
    return &message_;
  }

  std::shared_ptr<const SizedParts> parts_;
  RoundOptions options_;
  Message message_;
  double decoding_flops_ = 0;
  std::size_t exchanges_ = 0;
};

// Simulated flops of worker m's gradient: where seconds are known and not flops, what its host does in that time; 0
// where there is no host.
double gradient_flops(const Setup& s, std::size_t m) {
  const Oracle& f_m = *s.problem.workers[m];
  if (s.problem.workload->seconds == 0) return f_m.flops({{}, f_m.samples(), true});
  return s.cluster ? s.problem.workload->seconds * s.cluster->workers[m].speed : 0;
}

}  // namespace

std::function<std::uint64_t(Round)> upload_bits(const Setup& s, Params& in, const PerWorker<Compressor>& compressor) {
  const std::shared_ptr<Compressor> codec = compressor(0);
  if (const auto bits = codec->payload_bits(s.round.wire)) return [bits](Round) { return *bits; };
  const double bytes = 48 * static_cast<double>(s.d());  // the vector, what is kept of it, and its largest message
  if (const auto shortage = memory_shortage(bytes); !shortage.empty())
    in.refuse("compressor", fmt::format("the bits of its messages depend on the vector, and to encode one of d = {} "
                                        "numbers{}: choose \"top-k\" or \"rand-k\"",
                                        s.d(), shortage));
  struct Encoded {
    Round k = -1;
    Vector noise;
    Message message;
  };
  // Asked by several workers at a time.
  return [encoded = std::make_shared<Encoded>(), alone = std::make_shared<std::mutex>(), codec,
          options = s.round](Round k) {
    const std::lock_guard lock(*alone);
    if (encoded->k == k) return encoded->message.bits;
    Rng rng(options.seed, Purpose::noise, 0, static_cast<std::uint64_t>(k));
    encoded->noise.resize(options.d);
    for (double& x : encoded->noise) x = rng.normal();
    encode(*codec, encoded->noise, options, 0, k, encoded->message);
    encoded->k = k;
    return encoded->message.bits;
  };
}

Method sized_method(const Setup& s, SizedParts given, Summation uploads) {
  const auto parts = std::make_shared<const SizedParts>(std::move(given));
  Method method;
  for (std::size_t m = 0; m < s.problem.workers.size(); ++m) {
    auto worker = std::make_unique<SizedWorker>(
        static_cast<int>(m), static_cast<double>(parts->local_steps) * gradient_flops(s, m), parts, s.round);
    if (parts->trigger) worker->trigger = parts->trigger(static_cast<int>(m));
    method.workers.push_back(std::move(worker));
  }
  method.server = std::make_unique<SizedServer>(parts, s.round);
  method.local_steps = parts->local_steps;
  method.uploads = std::move(uploads);
  return method;
}

Method sized_round(const Setup& s, Params& in, Slots slots, Summation uploads) {
  const Wire wire = s.round.wire;
  const auto w = static_cast<std::uint64_t>(bits_of(wire));
  if (slots.downlink.part && !slots.downlink.part->payload_bits(wire))
    in.refuse("downlink", fmt::format("the bits of a \"{}\" message depend on the model, and a workload has none",
                                      slots.downlink.name));
  std::uint64_t beneath = 0;
  if (const auto values = slots.participation.part->side_values(0)) beneath += w * values->count();
  if (const auto values = slots.update.part->side_values(0)) beneath += w * values->count();
  const std::uint64_t down = slots.votes()
                                 ? static_cast<std::uint64_t>(s.d()) + w * slots.update.part->side_values_down() +
                                       (slots.aggregate.part->scaled() ? w : 0)
                                 : *slots.downlink.part->payload_bits(wire);
  SizedParts parts;
  parts.up = [bits = upload_bits(s, in, slots.compressor.make), beneath](Round k) { return bits(k) + beneath; };
  parts.down = [down](Round) { return down; };
  parts.votes = slots.votes();
  if (slots.local) parts.local_steps = slots.local->H;
  parts.encoding = [cost = slots.compressor.part->encoding](Round) { return cost; };
  parts.decoding = [cost = slots.compressor.part->decoding](Round) { return cost; };
  if (slots.downlink.part) parts.downlink = {slots.downlink.part->encoding, slots.downlink.part->decoding};
  parts.participation = std::move(slots.participation.part);
  parts.trigger = slots.trigger.make;
  return sized_method(s, std::move(parts), std::move(uploads));
}

}  // namespace laconic::methods
