#pragma once

#include <cstdint>
#include <optional>

#include "sim/rounds/collectives/collective.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::rounds {

/// What each message costs beyond its payload.
struct WireRules {
  std::uint64_t header = 64;  ///< bytes added to every message
  bool skip_notice = true;    ///< whether a silent worker says so with a header alone; else the server knows for free
  std::uint64_t segment = 0;  ///< how many bytes of a message travel together; 0: all of them
  std::uint64_t segment_header = 0;  ///< bytes added to each segment

  /// The bytes of a message whose payload has so many bits.
  std::uint64_t bytes(std::uint64_t bits) const { return in_segments((bits + 7) / 8 + header); }
  /// The bytes of a silent worker's notice. It cannot be nothing at all: at least one byte.
  std::uint64_t notice_bytes() const { return in_segments(header > 0 ? header : 1); }
  /// The bytes that a host sends which has this payload, or nothing to say; nothing: it sends no message.
  std::optional<std::uint64_t> message_bytes(std::optional<std::uint64_t> payload_bits) const {
    if (payload_bits) return bytes(*payload_bits);
    return skip_notice ? std::optional(notice_bytes()) : std::nullopt;
  }

 private:
  std::uint64_t in_segments(std::uint64_t bytes) const {
    return segment > 0 ? bytes + (bytes + segment - 1) / segment * segment_header : bytes;
  }
};

/// How old the models of uploads were that an asynchronous server took, in versions.
struct Staleness {
  std::uint64_t uploads = 0, sum = 0;  ///< so many since the start, and the sum of their stalenesses
  std::uint64_t latest = 0;            ///< the greatest since the last time that a row could be written
};

/// How long messages were under way while anybody computed, and how much of the rounds' time nobody computed, s.
struct Traffic {
  double hidden_s = 0, exposed_s = 0;
  Traffic& operator+=(const Traffic& more) {
    hidden_s += more.hidden_s;
    exposed_s += more.exposed_s;
    return *this;
  }
};

/// Cumulative counts of a run.
struct Ledger {
  std::uint64_t uploads = 0, downloads = 0;              ///< how many messages had a payload
  std::uint64_t upload_bits = 0, download_bits = 0;      ///< bits of those payloads
  std::uint64_t wire_bytes_up = 0, wire_bytes_down = 0;  ///< all the network carried
  double compute_s = 0;                                  ///< simulated seconds, summed over workers
  double flops = 0;                                      ///< simulated operations of workers and server
  /// Uploads that came after their round's deadline, or that an asynchronous server threw away; nothing: not counted,
  /// as in the two below.
  std::optional<std::uint64_t> late;
  std::optional<std::uint64_t> lost;   ///< workers' rounds that failures took, whether they held an upload or not
  std::optional<double> energy_j;      ///< what hosts and links drew
  std::optional<Staleness> staleness;  ///< nothing: the method is synchronous
  std::optional<Traffic> traffic;      ///< nothing: nobody asked what communication costs
  std::optional<Round> iterations;     ///< gradient steps of a worker on average; nothing: as many as rounds say

  void download(std::uint64_t bits, const WireRules& wire) {
    ++downloads;
    download_bits += bits;
    wire_bytes_down += wire.bytes(bits);
  }
  void upload(std::optional<std::uint64_t> bits, const WireRules& wire) {
    if (bits) {
      ++uploads;
      upload_bits += *bits;
      wire_bytes_up += wire.bytes(*bits);
    } else if (wire.skip_notice) {
      wire_bytes_up += wire.notice_bytes();
    }
  }
  /// Counts all of a parameter server's round, every exchange of it, but for its compute_s.
  void round(const RoundPlan& plan, std::size_t workers, const WireRules& wire);
  /// Adds every count; `late`, `lost` and `energy_j` where `more` has them.
  Ledger& operator+=(const Ledger& more);
};

/// Counts rounds. Under a collective, uploads are its messages on the way to the sum, downloads those on the way back,
/// every hop of them.
class Bookkeeper {
 public:
  Bookkeeper(std::size_t workers, const WireRules& wire, const Collective* collective)
      : workers_(workers), wire_(wire), collective_(collective) {}
  void count(const RoundPlan& plan, Ledger& ledger);

 private:
  void count_hops(const RoundPlan& exchange);

  std::size_t workers_;
  const WireRules& wire_;
  const Collective* collective_;
  RoundPlan last_;
  Ledger last_messages_;  // what the messages and computations of last_ come to
};

}  // namespace laconic::rounds
