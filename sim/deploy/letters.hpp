#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/core/message.hpp"
#include "sim/deploy/transport.hpp"

namespace laconic::deploy {

/// This host's clock, ns: it only goes forward, and begins anywhere.
std::int64_t now_ns();

enum class Kind : std::int32_t {
  file,    ///< from rank 0: one of the scenario's, its name before a zero byte
  plan,    ///< from rank 0: what is to be run
  ready,   ///< the answer, and that to `begin`: what a rank is, and has read
  refuse,  ///< the answer of one that cannot, and why
  ping,    ///< from rank 0: what time is it?
  pong,
  begin,  ///< from rank 0: make ready for algorithm `run`
  start,  ///< from rank 0: go
  down,   ///< the server's message to a worker
  again,  ///< one in the midst of a round
  up,     ///< the worker's answer to it
  silent,
  failed,  ///< something went wrong at a rank, and what
  over,    ///< from rank 0: it is at an end
  peer,    ///< a node's message to a neighbour
  hush,    ///< its notice that it stays silent
  report,  ///< of a node, on a round that it has ended
  onward   ///< from rank 0: nodes may go on up to round `round`
};

/// What every letter begins with.
struct Header {
  Kind kind{};
  std::int32_t run = 0;           ///< the algorithm's number, from 0
  std::int32_t from = 0, to = 0;  ///< workers; -1: the server
  std::int64_t round = 0;
  std::uint64_t bits = 0;  ///< of the payload, as its encoder counts
  double flops = 0;        ///< as the simulation would charge for what was computed
  /// By the sender's clock: when what this answers arrived, when computing began, and when this was sent.
  std::int64_t arrived_ns = 0, began_ns = 0, sent_ns = 0;
};
static_assert(sizeof(Header) == 64);
/// The `bits` of a report by a node that was silent.
inline constexpr std::uint64_t silent = std::numeric_limits<std::uint64_t>::max();

struct Letter {
  Header header;
  std::vector<std::byte> bytes;  ///< the header first
  int rank = 0;                  ///< whose
  std::int64_t taken_ns = 0;     ///< when it was seen to have arrived

  std::span<const std::byte> payload() const { return std::span(bytes).subspan(sizeof(Header)); }
  std::string_view text() const { return {reinterpret_cast<const char*>(payload().data()), payload().size()}; }
  Message message() const { return {{payload().begin(), payload().end()}, header.bits}; }
};

/// A rank's letters.
class Post {
 public:
  explicit Post(Transport& transport) : transport_(transport) {}
  Transport& transport() const { return transport_; }

  /// Sends a header and what follows it, whose `sent_ns` is now. Returns how many bytes that was.
  std::uint64_t send(int rank, Header header, std::span<const std::byte> payload = {});
  std::uint64_t send(int rank, const Header& header, std::string_view text) {
    return send(rank, header, std::as_bytes(std::span(text)));
  }
  /// Waits for the next letter. All that have arrived are looked at before, so that each has its own time.
  Letter receive();

 private:
  Transport& transport_;
  std::deque<Letter> arrived_;
};

}  // namespace laconic::deploy
