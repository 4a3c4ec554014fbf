#include "sim/deploy/exchanges.hpp"

namespace laconic::deploy {

void Exchanges::send(Header h, const Message* message) {
  h.run = static_cast<int>(desk_.served().i);
  h.from = -1;
  h.bits = message ? message->bits : 0;
  const std::int64_t start = now_ns();
  const auto payload = message ? std::span<const std::byte>(message->bytes) : std::span<const std::byte>();
  const auto bytes = ranks_.post().send(ranks_.placement().rank_of(h.to), h, payload);
  sent_[static_cast<std::size_t>(h.to)] = {true, h.bits, bytes, start};
}

Letter Exchanges::next() {
  for (;;) {
    Letter letter = ranks_.receive();
    if (letter.header.kind == Kind::up || letter.header.kind == Kind::silent) return letter;
  }
}

Letter Exchanges::receive(Round k) {
  Letter letter = next();
  log(letter, k);
  return letter;
}

Letter Exchanges::receive() {
  Letter letter = next();
  log(letter, letter.header.round);
  return letter;
}

// Three records: what went down, what was computed, what came up.
void Exchanges::log(const Letter& answer, Round k) {
  const Header& h = answer.header;
  if (Sent& sent = sent_[static_cast<std::size_t>(h.from)]; std::exchange(sent.any, false)) {
    Record down{.what = Record::What::down, .from = -1, .to = h.from, .end_rank = answer.rank, .round = k};
    down.bits = sent.bits;
    down.bytes = sent.bytes;
    down.start_ns = sent.start_ns;
    down.end_ns = h.arrived_ns;
    desk_.log(down);
  }
  Record record{.what = Record::What::compute, .from = h.from, .to = h.from, .start_rank = answer.rank};
  record.end_rank = answer.rank;
  record.round = k;
  record.flops = h.flops;
  record.start_ns = h.began_ns;
  record.end_ns = h.sent_ns;
  desk_.log(record);
  computed_s_ += 1e-9 * static_cast<double>(h.sent_ns - h.began_ns);
  record.what = Record::What::up;
  record.to = -1;
  record.end_rank = 0;
  record.bits = h.bits;
  record.bytes = answer.bytes.size();
  record.start_ns = h.sent_ns;
  record.end_ns = answer.taken_ns;
  desk_.log(record);
}

}  // namespace laconic::deploy
