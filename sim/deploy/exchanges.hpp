#pragma once

#include "sim/deploy/desk.hpp"

namespace laconic::deploy {

/// Rank 0's messages to workers and their answers, put on record.
class Exchanges {
 public:
  Exchanges(Desk& desk, std::size_t workers) : desk_(desk), ranks_(desk.served().ranks), sent_(workers) {}

  /// Sends worker `header.to` a message, or a notice: nullptr.
  void send(Header header, const Message* message);
  /// Waits for an answer, which is of round k.
  Letter receive(Round k);
  /// Likewise, of a round that the answer names.
  Letter receive();
  /// How long was computed for those that came since this was asked last, s.
  double computed_s() { return std::exchange(computed_s_, 0); }

 private:
  // What has gone down to a worker, and was not answered yet.
  struct Sent {
    bool any = false;
    std::uint64_t bits = 0, bytes = 0;
    std::int64_t start_ns = 0;
  };

  Letter next();
  void log(const Letter& answer, Round k);

  Desk& desk_;
  Ranks& ranks_;
  std::vector<Sent> sent_;
  double computed_s_ = 0;
};

}  // namespace laconic::deploy
