#include "sim/collectives/collective.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <set>

#include "algorithms/core/error.hpp"
#include "algorithms/methods/registry.hpp"
#include "platforms/simgrid_compat.hpp"
#include "platforms/survey.hpp"
#include "sim/collectives/patterns.hpp"

namespace laconic {
namespace {

constexpr int most_in_a_ring = 1000;  // whose round takes SimGrid half a minute

std::uint64_t arrangement_of(const Collective& c) {
  std::string text = fmt::format("{} {}", c.entry->name, c.arity);
  for (const auto rack : c.racks) text += fmt::format(" {}", rack);
  return XXH3_64bits(text.data(), text.size()) | 1;
}

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
       "no server: chunks of the vector go round the workers twice, and are summed on the way", ring_allreduce_picture},
      {"tree", read_arity, write_tree, true, false, "workers pass the model down, and sums of what they upload up",
       tree_picture},
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

std::optional<Collective> read_collective(const nlohmann::json& source, const std::string& file,
                                          std::vector<std::size_t> racks) {
  Params in(source, file, "");
  const auto name = in.part_name("collective", "parameter-server", names_of(collectives()), "who talks to whom");
  Collective out;
  out.entry = find(collectives(), name);
  Params own = in.part("collective");
  out.entry->read(own, out);
  if (source.contains("collective") && source["collective"].is_object())
    own.finish(fmt::format("the collective {}", name));
  if (!out.entry->write) return {};
  const int M = source.value("workers", 1);
  if (out.entry->write == write_ring_allreduce && M > most_in_a_ring)
    in.refuse("collective", fmt::format("a ring of {} workers takes {} messages a round: expected at most {} workers",
                                        M, 2 * std::int64_t{M} * (M - 1), most_in_a_ring));
  if (out.entry->read == read_arity) out.racks = std::move(racks);
  out.arrangement = arrangement_of(out);
  return out;
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

void check_ways(const Collective& collective, int M, const BuildPlatform& platform, const NetworkModel& network,
                const std::string& where) {
  // Of vectors of one entry all pairs that ever talk see one message, even where vectors are cut into chunks.
  RoundPlan plan;
  plan.sum = {Adds::reals, 1, 32};
  for (int m = 0; m < M; ++m) plan.shares.push_back({m, 0, 32});
  std::set<std::pair<int, int>> pairs;
  const Script script = collective.script(plan, 32);
  for (std::size_t from = 0; from < script.programs.size(); ++from)
    for (const Step& step : script.programs[from])
      if (step.kind == Step::Kind::send) pairs.emplace(static_cast<int>(from), step.peer);

  apart(where, [&]() -> std::string {
    sg::QuietEngine engine(network.settings);
    const Deployment hosts = platform(*engine);
    const auto host = [&](int i) { return i == M ? hosts.server : hosts.workers[static_cast<std::size_t>(i)]; };
    const sg::Host *near_from = nullptr, *near_to = nullptr;
    double longest = 0;
    for (const auto& [a, b] : pairs) {
      std::vector<sg::Link*> links;
      double latency = 0;
      const auto no_way = [&, from = a, to = b](const std::string& why) {
        return InputError(fmt::format("{}: \"{}\" needs a way from {} to {}: {}", where, collective.entry->name,
                                      host(from)->get_name(), host(to)->get_name(), why));
      };
      try {
        host(a)->route_to(host(b), links, &latency);
      } catch (const std::exception& e) {
        throw no_way(e.what());
      }
      if (links.empty() && latency <= 0) throw no_way("no link lies between them");
      longest = std::max(longest, latency);
      if (latency <= 0 && !near_from) near_from = host(a), near_to = host(b);
    }
    if (near_from && longest > 0)
      throw InputError(fmt::format(
          "{}: latency 0 from {} to {}, and up to {} s elsewhere: where flows meet, they share in proportion to "
          "1/latency, which 0 has not: give every way of the platform a latency, such as \"1us\", or none (as over the "
          "air of Wi-Fi)",
          where, near_from->get_name(), near_to->get_name(), longest));
    return "";
  });
}

}  // namespace laconic
