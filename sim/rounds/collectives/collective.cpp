#include "sim/rounds/collectives/collective.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "sim/rounds/collectives/patterns.hpp"

namespace laconic::rounds {
namespace {

using nlohmann::json;

void read_nothing(Params&, Collective&) {}
void read_ring(Params&, Collective& out) { out.rings = 2; }
void read_halving(Params&, Collective& out) { out.cuts = true; }

void read_pattern(Params& in, Collective& out) {
  const auto pattern = in.choice("pattern", "ring", {"doubling", "ring"}, "how the messages come to all workers");
  out.rings = pattern == "ring" ? 1 : 0;
}

void read_groups(Params& in, Collective& out) {
  out.cuts = true;
  const char* const allowed = "a whole number, or lists of workers' numbers";
  const json* given = in.look("groups", "the platform's racks, or about the root of M", allowed,
                              "workers that stand together: how many groups of neighbours, or who is in each");
  if (!given) return;
  const auto whole = [](const json& x) { return x.is_number_integer() && x >= 0 && x <= 1000000; };
  if (whole(*given) && *given > 0) {
    out.groups = given->get<int>();
    return;
  }
  const auto list = [&](const json& x) { return x.is_array() && !x.empty() && std::ranges::all_of(x, whole); };
  if (!given->is_array() || given->empty() || !std::ranges::all_of(*given, list)) in.fail("groups", allowed);
  out.groups = given->get<std::vector<std::vector<int>>>();
}

void read_arity(Params& in, Collective& out) {
  out.arity = static_cast<int>(
      in.count("arity", 2, 1, "children of a host at most; in a rack, those outside not counted", 1000000));
}

}  // namespace

std::span<const CollectiveEntry> collectives() {
  static const CollectiveEntry table[] = {
      {"all-gather", read_pattern, write_all_gather, false, true,
       "no server: every worker gets all messages, which need not add up", all_gather_picture},
      {"broadcast", read_nothing, write_broadcast, false, false,
       "down a binomial tree of turns, up as to the parameter server", broadcast_picture},
      {"hierarchical-allreduce", read_groups, write_hierarchical, true, true,
       "no server: sums within racks, then among heads of racks, then back within racks", hierarchical_picture, true,
       true},
      {"parameter-server", read_nothing, nullptr, false, false,
       "the server sends to each worker, and each to the server", parameter_server_picture},
      {"recursive-doubling", read_nothing, write_recursive_doubling, true, true,
       "no server: pairs of workers exchange whole sums, log2 M times", recursive_doubling_picture},
      {"reduce-scatter-all-gather", read_halving, write_halving_doubling, true, true,
       "no server: pairs of workers exchange halves, quarters, ... of sums, and the same way back",
       halving_doubling_picture},
      {"ring-allreduce", read_ring, write_ring_allreduce, true, true,
       "no server: chunks of the vector go round the workers twice, and are summed on the way", ring_allreduce_picture},
      {"tree", read_arity, write_tree, true, false, "workers pass the model down, and sums of what they upload up",
       tree_picture, true},
  };
  return table;
}

bool Collective::adds_up() const { return entry->adds_up; }

Script Collective::script(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) const {
  if (adds_up() && (plan.sum.adds == Adds::not_at_all || (plan.sum.grows() && plan.measured_in != arrangement)))
    throw RunError(
        fmt::format("what was learned under another collective, or with workers in other racks, does not say how long "
                    "the sums of collective \"{}\" are: only a live run knows",
                    entry->name));
  ScriptWriter out(plan, order_bits);
  for (std::size_t b = 0; b == 0 || b < plan.buckets.size(); ++b) {
    out.begin_bucket(b);
    entry->write(out, *this);
  }
  return out.take_script();
}

std::vector<std::uint64_t> Collective::partial_bits(const RoundPlan& plan,
                                                    const std::vector<std::vector<Index>>& entries) const {
  ScriptWriter out(plan, {}, &entries);
  entry->write(out, *this);
  return out.take_partial_bits();
}

std::optional<Refusal> refused(const Collective& collective, const Summation& uploads) {
  const auto because = [&](const std::optional<Refusal>& what, const char* does) {
    return Refusal{what->key, fmt::format("{}, and collective \"{}\" {}", what->why, collective.entry->name, does)};
  };
  if (uploads.some_take_part && collective.entry->keeps_copies)
    return because(uploads.some_take_part, "needs them all");
  if (uploads.some_take_part) return because(uploads.some_take_part, "has every worker pass the model on");
  if (collective.entry->keeps_copies && uploads.no_copies)
    return because(uploads.no_copies, "sends none: its workers take the step on copies of their own");
  if (collective.entry->adds_up && uploads.no_sum) return because(uploads.no_sum, "adds uploads up on their way");
  return {};
}

}  // namespace laconic::rounds
