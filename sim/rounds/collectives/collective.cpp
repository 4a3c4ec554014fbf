#include "sim/rounds/collectives/collective.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "sim/rounds/collectives/patterns.hpp"

namespace laconic::rounds {
namespace {

constexpr int most_in_a_ring = 1000;  // a round of more takes SimGrid over half a minute

void read_nothing(Params&, Collective&) {}

void read_arity(Params& in, Collective& out) {
  out.arity = static_cast<int>(
      in.count("arity", 2, 1, "children of a host at most; in a rack, those outside not counted", 1000000));
}

}  // namespace

std::span<const CollectiveEntry> collectives() {
  static const CollectiveEntry table[] = {
      {"broadcast", read_nothing, write_broadcast, false, false,
       "down a binomial tree of turns, up as to the parameter server", broadcast_picture},
      {"parameter-server", read_nothing, nullptr, false, false,
       "the server sends to each worker, and each to the server", parameter_server_picture},
      {"recursive-doubling", read_nothing, write_recursive_doubling, true, true,
       "no server: pairs of workers exchange whole sums, log2 M times", recursive_doubling_picture},
      {"ring-allreduce", read_nothing, write_ring_allreduce, true, true,
       "no server: chunks of the vector go round the workers twice, and are summed on the way", ring_allreduce_picture,
       false, most_in_a_ring},
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
  entry->write(out, *this);
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
