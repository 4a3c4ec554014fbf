#include "sim/deploy/letters.hpp"

#include <sched.h>

#include <chrono>
#include <cstring>

#include "algorithms/base/error.hpp"

namespace laconic::deploy {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t Post::send(int rank, Header header, std::span<const std::byte> payload) {
  std::vector<std::byte> bytes(sizeof header + payload.size());
  if (!payload.empty()) std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
  header.sent_ns = now_ns();
  std::memcpy(bytes.data(), &header, sizeof header);
  const std::uint64_t size = bytes.size();
  transport_.send(rank, std::move(bytes));
  return size;
}

// Ranks may be more than cores: whoever waits lets others work.
Letter Post::receive() {
  for (;; sched_yield()) {
    for (;;) {
      Letter letter;
      if (!transport_.take(letter.rank, letter.bytes)) break;
      letter.taken_ns = now_ns();
      if (letter.bytes.size() < sizeof(Header)) throw RunError("a message of another program arrived");
      std::memcpy(&letter.header, letter.bytes.data(), sizeof(Header));
      arrived_.push_back(std::move(letter));
    }
    if (arrived_.empty()) continue;
    Letter first = std::move(arrived_.front());
    arrived_.pop_front();
    return first;
  }
}

}  // namespace laconic::deploy
