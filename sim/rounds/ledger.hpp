#pragma once

#include <cstdint>
#include <optional>

#include "sim/rounds/collectives/collective.hpp"
#include "sim/rounds/round_plan.hpp"

namespace laconic::rounds {

/// What each message costs beyond its payload.
struct WireRules {
  std::uint64_t header = 64;  ///< bytes added to every message
  bool skip_notice = true;    ///< a silent worker says so with a header alone; else the server knows for free

  /// Of a message whose payload has so many bits.
  std::uint64_t bytes(std::uint64_t bits) const { return (bits + 7) / 8 + header; }
  /// A notice cannot be nothing at all: at least one byte.
  std::uint64_t notice_bytes() const { return header > 0 ? header : 1; }
};

/// Cumulative counts of a run.
struct Ledger {
  std::uint64_t uploads = 0, downloads = 0;              ///< messages with a payload
  std::uint64_t upload_bits = 0, download_bits = 0;      ///< payloads
  std::uint64_t wire_bytes_up = 0, wire_bytes_down = 0;  ///< all the network carried
  double compute_s = 0;                                  ///< simulated, summed over workers
  double flops = 0;                                      ///< simulated, workers and server
  std::optional<std::uint64_t> late;                     ///< uploads that came after their round's deadline
  std::optional<std::uint64_t> lost;                     ///< workers' rounds that failures took, uploads or not
  std::optional<double> energy_j;                        ///< of hosts and links

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
  /// All of a round, but for its compute_s.
  void round(const RoundPlan& plan, std::size_t workers, const WireRules& wire);
  /// What went down and was computed in vain.
  void waste(const Ledger& in_vain);
};

/// Counts rounds. Under a collective, uploads are its messages on the way to the sum, downloads those on the way back,
/// every hop of them.
class Bookkeeper {
 public:
  Bookkeeper(std::size_t workers, const WireRules& wire, const Collective* collective)
      : workers_(workers), wire_(wire), collective_(collective) {}
  void count(const RoundPlan& plan, Ledger& ledger);

 private:
  std::size_t workers_;
  const WireRules& wire_;
  const Collective* collective_;
  RoundPlan last_;  // whose messages are counted in
  Ledger messages_;
};

}  // namespace laconic::rounds
