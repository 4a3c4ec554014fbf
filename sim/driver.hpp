#pragma once

#include <cstdint>
#include <functional>

#include "algorithms/core/parts.hpp"
#include "platforms/platform.hpp"

namespace laconic {

/// What each message costs beyond its payload.
struct WireRules {
  std::uint64_t header = 64;  ///< bytes added to every message
  bool skip_notice = true;    ///< a silent worker says so with a header alone; else the server knows for free

  std::uint64_t bytes(const Message& message) const { return message.bytes.size() + header; }
  /// A notice cannot be nothing at all: at least one byte.
  std::uint64_t notice_bytes() const { return header > 0 ? header : 1; }
};

/// Cumulative counts of a run. (design.md section 6)
struct Ledger {
  std::uint64_t uploads = 0, downloads = 0;              ///< messages with a payload
  std::uint64_t upload_bits = 0, download_bits = 0;      ///< payloads
  std::uint64_t wire_bytes_up = 0, wire_bytes_down = 0;  ///< all the network carried
  double compute_s = 0;                                  ///< simulated, summed over workers
  double flops = 0;                                      ///< simulated, workers and server

  void download(const Message& message, const WireRules& wire) {
    ++downloads;
    download_bits += message.bits;
    wire_bytes_down += wire.bytes(message);
  }
  /// `message` nullptr: a silent worker.
  void upload(const Message* message, const WireRules& wire) {
    if (message) {
      ++uploads;
      upload_bits += message->bits;
      wire_bytes_up += wire.bytes(*message);
    } else if (wire.skip_notice) {
      wire_bytes_up += wire.notice_bytes();
    }
  }
};

/// Called with `rounds` = 0 before the first round and after every round's update; false ends the run.
/// sim_time_s is negative where no time is simulated.
using AfterRound = std::function<bool(Round rounds, double sim_time_s, const Vector& model, const Ledger& ledger)>;

/// Runs a method without a network. Same messages, same arithmetic, in the same order as run_actors.
void run_lockstep(Method& method, const WireRules& wire, const AfterRound& after_round);

/// Runs a method on a simulated cluster: a server actor and M worker actors exchange the messages over SimGrid's links.
/// Makes this process's one and only Engine. Whatever arrives in a round is handled in worker order once the last of
/// it is there, so that neither arrival order nor ties can reach the mathematics.
/// Throws what the method or `after_round` threw inside an actor, and RunError if the simulation cannot go on.
void run_actors(Method& method, const BuildPlatform& platform, const NetworkModel& network, const WireRules& wire,
                const AfterRound& after_round);

}  // namespace laconic
