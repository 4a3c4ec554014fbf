#include "algorithms/decentralised/node.hpp"

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
  if (parts_.compressor->lossy())
    flops_ +=
        parts_.round.compress_flops_per_entry * static_cast<double>(vectors_) * static_cast<double>(parts_.round.d);
  return &message_;
}

const Message* Node::stay_silent() {
  forget_round(vectors_);
  return nullptr;
}

void Node::forget_round(std::size_t vectors) {
  vectors_ = vectors;
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
  in.expect_end();
}

}  // namespace laconic::decentralised
