#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/rounds/learner.hpp"

namespace laconic::rounds {

/// What a host does next in a round. Hosts are numbered: the workers, then the server.
struct Step {
  enum class Kind : std::uint8_t {
    compute,            ///< computes `flops`
    begin_computing,    ///< computes `flops`, in parts that are known with the round's buckets, and goes on at once
    wait_for_bucket,    ///< waits until the next of these parts is computed
    send,               ///< sends a message to `peer`, and goes on at once
    wait_for_arrivals,  ///< waits until all it has sent has arrived
    receive,            ///< waits for a message from `peer`
  } kind;
  bool payload = false;  ///< whether the message has one, of `bits`; else nobody has anything to say
  bool up = false;       ///< whether what it sends is on the way to the aggregate, not back
  int peer = -1;
  std::uint64_t bits = 0;
  double flops = 0;

  std::optional<std::uint64_t> payload_bits() const { return payload ? std::optional(bits) : std::nullopt; }
};

/// A round as its hosts' programs: who sends what to whom, and when. Every message that is sent is received.
struct Script {
  std::vector<std::vector<Step>> programs;
};

/// A message of a script: what a host has of the sum of neighbouring chunks, over the same uploads in each.
struct Hop {
  int from, to;
  int chunk = 0, chunks = 1;  ///< the first of them, and how many
};

/// A message of a script that holds uploads as they are: those of `count` workers from `first` on, the first worker
/// coming after the last.
struct Bundle {
  int from, to;
  int first, count;
};

/// Writes a round's script, and follows what every host has of the round's sum while it does, so that a message is as
/// long as what is in it. Vectors may be cut into chunks, of which each is summed on its own.
class ScriptWriter {
 public:
  /// Messages of `order_bits` go down when the round begins, if any. `entries` are those that each worker's upload
  /// fills, and needed where plan.sum grows and plan.partial_bits is yet to be found.
  ScriptWriter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits,
               const std::vector<std::vector<Index>>* entries = nullptr);

  /// What follows is written of bucket b of the plan alone, where it has some: who computes and what goes down comes
  /// with the first.
  void begin_bucket(std::size_t b);

  int workers() const { return workers_; }
  int server() const { return workers_; }

  /// Cuts the vectors into chunks of equal length, give or take one entry. Call it first.
  void cut(int chunks);
  /// The model or the last verdict goes on, if one goes down at all; `in_turn`: the sender waits until it has arrived.
  void pass_on(const std::vector<Hop>& hops, bool in_turn);
  /// All workers compute.
  void compute();
  /// Each `from` sends what it has of the sum of a chunk, and `to` adds that to its own; all at once.
  void add_up(const std::vector<Hop>& hops);
  /// Each `from`, which has the whole sum of a chunk, sends that to `to`.
  void hand_back(const std::vector<Hop>& hops);
  /// Uploads that do not add up travel one behind the other. `up`: whether they are on their way to those who need all.
  void gather(const std::vector<Bundle>& bundles, bool up);

  Script take_script() { return std::move(script_); }
  std::vector<std::uint64_t> take_partial_bits() { return std::move(found_); }

 private:
  // What a host has of a chunk's sum.
  struct Partial {
    int uploads = 0;
    int last = -1;  // the last worker whose upload is in it
    std::vector<Index> entries;
  };

  Partial& held(int host, int chunk) {
    return held_[static_cast<std::size_t>(host) * static_cast<std::size_t>(chunks_) + static_cast<std::size_t>(chunk)];
  }
  Index start_of(int chunk) const { return first_ + length_ * chunk / chunks_; }
  Index length_of(const Hop& hop) const { return start_of(hop.chunk + hop.chunks) - start_of(hop.chunk); }
  std::optional<std::uint64_t> bits_of_sum(const Hop& hop);
  std::optional<std::uint64_t> bits_of_whole(const Hop& hop);
  std::optional<std::uint64_t> bits_of_bundle(const Bundle& bundle) const;
  std::optional<std::uint64_t> bits_of_upload(int m) const;
  template <class Messages>
  void send(const Messages& messages, const std::vector<std::optional<std::uint64_t>>& bits, bool up, bool in_turn);
  std::vector<Step>& program(int host) { return script_.programs[static_cast<std::size_t>(host)]; }

  const RoundPlan& plan_;
  std::optional<std::uint64_t> order_bits_;
  const std::vector<std::vector<Index>>* entries_;
  int workers_, chunks_ = 1;
  std::size_t bucket_ = 0;
  Index first_, length_;  // the entries that are written of: all, or a bucket's
  Script script_;
  std::vector<Partial> held_;
  std::size_t next_ = 0;              // the next entry of plan_.partial_bits
  std::vector<std::uint64_t> found_;  // the sizes of partial sums, where they are yet to be found
};

}  // namespace laconic::rounds
