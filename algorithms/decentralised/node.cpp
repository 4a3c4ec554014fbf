#include "algorithms/decentralised/node.hpp"

#include <utility>

namespace laconic::decentralised {

void Node::gradient(Round k, const Vector& x, Vector& g) {
  const Batch batch = parts_.sampler->draw(k);
  g.resize(parts_.round.d);
  parts_.oracle->gradient(x, batch, g);
  flops_ += parts_.oracle->flops(batch);
}

void Node::half_step(Round k, Vector& h) {
  h = x_;
  for (Round s = k * parts_.H; s < (k + 1) * parts_.H; ++s) {
    gradient(s, h, step_);
    h -= gamma(s) * step_;
  }
}

const Message* Node::encode(Round k, std::array<const Vector*, 2> vectors) {
  forget_round(vectors[1] ? 2 : 1);
  Rng rng = stream_of(parts_.round, static_cast<std::uint32_t>(parts_.number), k);
  BitWriter out(message_, parts_.round.wire);
  for (std::size_t i = 0; i < vectors_; ++i) parts_.compressor->encode(*vectors[i], rng, out);
  flops_ += static_cast<double>(vectors_) *
            coding_flops(parts_.compressor->encoding, parts_.round, static_cast<std::uint32_t>(parts_.number));
  return &message_;
}

const Message* Node::stay_silent() {
  forget_round(vectors_);
  return nullptr;
}

void Node::forget_round(std::size_t vectors) {
  vectors_ = vectors;
  flops_ += std::exchange(decoding_flops_, 0);
  for (std::size_t i = 0; i < vectors_; ++i) {
    said_[i].setZero(parts_.round.d);
    heard_[i].setZero(parts_.round.d);
  }
}

void Node::hear(Round k, int from, double weight, const Message& message) {
  Rng rng = stream_of(parts_.round, static_cast<std::uint32_t>(from), k);
  BitReader in(message, parts_.round.wire);
  for (std::size_t i = 0; i < vectors_; ++i) {
    Vector& decoded = from == parts_.number ? said_[i] : decoded_;
    decoded.resize(parts_.round.d);
    parts_.compressor->decode(in, rng, decoded);
    heard_[i] += weight * decoded;
  }
  if (from != parts_.number)
    decoding_flops_ += static_cast<double>(vectors_) * coding_flops(parts_.compressor->decoding, parts_.round,
                                                                    static_cast<std::uint32_t>(parts_.number));
  in.expect_end();
}

}  // namespace laconic::decentralised
