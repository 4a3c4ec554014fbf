#include "sim/scenario/read_collective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/named_table.hpp"

namespace laconic::scenario {

using namespace rounds;

namespace {

constexpr int most_in_a_ring = 1000;  // a round of more takes SimGrid over half a minute
constexpr int most_chunks = 2048;     // every worker's part of every chunk is held at the same time

// Each worker's group, of those that "groups" says, or of the racks, or of about as many as there are in each.
std::vector<std::size_t> groups_of(const Collective& c, const Params& in, int M,
                                   const std::vector<std::size_t>& racks) {
  if (!c.groups && !racks.empty()) return racks;
  const auto workers = static_cast<std::size_t>(M);
  std::vector<std::size_t> out(workers);
  if (const auto* lists = c.groups ? std::get_if<1>(&*c.groups) : nullptr) {
    std::vector<bool> known(workers);
    for (std::size_t g = 0; g < lists->size(); ++g)
      for (const int m : (*lists)[g]) {
        if (m >= M) in.refuse("groups", fmt::format("worker {}: expected numbers from 0 to {}", m, M - 1));
        const auto at = static_cast<std::size_t>(m);
        if (known[at]) in.refuse("groups", fmt::format("worker {} is there twice", m));
        known[at] = true;
        out[at] = g;
      }
    if (const auto missing = std::ranges::find(known, false); missing != known.end())
      in.refuse("groups", fmt::format("worker {} is in none of them", missing - known.begin()));
    return out;
  }
  const int groups = c.groups ? std::get<int>(*c.groups) : static_cast<int>(std::lround(std::sqrt(M)));
  if (groups > M)
    in.refuse("groups", fmt::format("expected at most one for each of the {} workers, got {}", M, groups));
  for (std::size_t m = 0; m < workers; ++m) out[m] = m * static_cast<std::size_t>(groups) / workers;
  return out;
}

std::uint64_t arrangement_of(const Collective& c) {
  std::string text = fmt::format("{} {}", c.entry->name, c.arity);
  for (const auto rack : c.racks) text += fmt::format(" {}", rack);
  return short_digest(text);
}

}  // namespace

std::optional<Collective> read_collective(const nlohmann::json& block, const std::string& file,
                                          const std::string& pointer, int M, const std::vector<std::size_t>& racks) {
  Params in(block, file, pointer);
  const auto name = in.part_name("collective", "parameter-server", names_of(collectives()), "who talks to whom");
  Collective out;
  out.entry = find(collectives(), name);
  Params own = in.part("collective");
  out.entry->read(own, out);
  if (block.contains("collective") && block["collective"].is_object())
    own.finish(fmt::format("the collective {}", name));
  if (!out.entry->write) return {};
  if (out.rings > 0 && M > most_in_a_ring)
    in.refuse("collective", fmt::format("a ring of {} workers takes {} messages a round: expected at most {} workers",
                                        M, out.rings * std::int64_t{M} * (M - 1), most_in_a_ring));
  if (out.cuts && M > most_chunks)
    in.refuse("collective", fmt::format("\"{}\" may cut vectors into a chunk for each of the {} workers: expected at "
                                        "most {} workers",
                                        name, M, most_chunks));
  if (out.entry->by_rack) out.racks = out.entry->has_groups ? groups_of(out, own, M, racks) : racks;
  out.arrangement = arrangement_of(out);
  return out;
}

}  // namespace laconic::scenario
