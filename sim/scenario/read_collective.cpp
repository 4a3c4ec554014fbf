#include "sim/scenario/read_collective.hpp"

#include <fmt/format.h>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/named_table.hpp"

namespace laconic::scenario {

using namespace rounds;

namespace {

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
  if (out.entry->most_workers > 0 && M > out.entry->most_workers)
    in.refuse("collective", fmt::format("a ring of {} workers takes {} messages a round: expected at most {} workers",
                                        M, 2 * std::int64_t{M} * (M - 1), out.entry->most_workers));
  if (out.entry->by_rack) out.racks = racks;
  out.arrangement = arrangement_of(out);
  return out;
}

}  // namespace laconic::scenario
