#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "algorithms/base/params.hpp"
#include "sim/rounds/collectives/script.hpp"

// Collectives: how a round's messages travel between the server and the workers, or among the workers. What is learned
// is what lockstep learns, bit for bit, summed in worker order: partial sums are not rounded to the wire on their way,
// since a result would then depend on the network. Messages' sizes, their number and the time are the collective's.

namespace laconic::rounds {

struct CollectiveEntry;

/// A scenario's "collective". (The parameter server is none: each worker talks to the server itself.)
struct Collective {
  const CollectiveEntry* entry = nullptr;
  int arity = 2;                   ///< tree: how many children a host has
  std::vector<std::size_t> racks;  ///< tree, hierarchical: each worker's rack, site or group; empty: all in one
  int rings = 0;                   ///< how often what each worker begins with goes round one ring of all
  bool cuts = false;               ///< whether vectors are cut into up to M chunks, and not for a ring
  /// hierarchical: what "groups" says where the platform's racks do not count; nothing: they do.
  std::optional<std::variant<int, std::vector<std::vector<int>>>> groups = {};

  /// A digest of what the sizes of its sums depend on: never 0. Where sums grow, plans that were learned under one
  /// collective serve those of the same arrangement alone.
  std::uint64_t arrangement = 0;

  /// Whether uploads are summed on their way.
  bool adds_up() const;
  /// Writes a round, at whose beginning messages of `order_bits` go down. Throws RunError if the plan does not know the
  /// sizes of this collective's sums.
  Script script(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) const;
  /// Finds RoundPlan::partial_bits, where the uploads fill these entries.
  std::vector<std::uint64_t> partial_bits(const RoundPlan& plan, const std::vector<std::vector<Index>>& entries) const;
};

/// One line of the table of collectives.
struct CollectiveEntry {
  const char* name;
  void (*read)(Params& in, Collective& out);
  void (*write)(ScriptWriter& out, const Collective& collective);  ///< nullptr: the parameter server
  bool adds_up;                                                    ///< whether messages are sums of uploads
  bool keeps_copies;  ///< whether workers take the step on models of their own, and none goes down
  const char* summary;
  const char* picture;
  bool by_rack = false;     ///< whether it matters in which rack a worker stands
  bool has_groups = false;  ///< whether it needs racks, and makes some where the platform has none
};

std::span<const CollectiveEntry> collectives();

/// What keeps an algorithm from the collective, as "key: reason"; nothing: it runs.
std::optional<Refusal> refused(const Collective& collective, const Summation& uploads);

}  // namespace laconic::rounds
