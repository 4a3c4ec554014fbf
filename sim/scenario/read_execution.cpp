#include "sim/scenario/read_execution.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/error.hpp"
#include "platforms/quantity.hpp"

namespace laconic::scenario {

using namespace platforms;
using namespace rounds;
using namespace network;

namespace {

using nlohmann::json;

std::uint64_t size_in(Params& in, const char* key, const char* fallback, const char* meaning) {
  const double bytes = quantity(in, key, fallback, Unit::size, meaning);
  if (bytes != std::floor(bytes) || bytes < 1 || bytes > 1e15) in.fail(key, "a whole number of bytes from 1 to 1e15");
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace

std::optional<Execution> read_execution(const json& block, const std::string& file, const std::string& pointer,
                                        Wire wire) {
  if (!block.contains("execution")) return {};
  Params in(block["execution"], file, pointer + "/execution");
  Execution out;
  if (const json* given = in.look("overlap", "none", "an object",
                                  "uploads leave in buckets of layers, while the backward pass goes on")) {
    Params own(*given, file, pointer + "/execution/overlap");
    out.overlap = Overlap{size_in(own, "bucket", "25MiB", "bytes of gradient with which a bucket is closed"),
                          size_in(own, "first_bucket", "1MiB", "those of the first one to be closed"),
                          wire == Wire::float64 ? 8 : 4};
    own.finish("the overlap");
  }
  in.finish("the execution");
  return out;
}

void check_execution(const ClusterPlan& cluster, const std::string& where) {
  const auto refuse = [&](const char* why) { throw InputError(fmt::format("{}: {}", where, why)); };
  if (cluster.conditions.can_fail())
    refuse("failures and deadlines cut uploads short, and what becomes of buckets then is not modelled");
  if (cluster.solver == Solver::actors)
    refuse("the \"actors\" of /network/solver exchange whole messages: choose \"auto\" or \"simgrid\"");
  if (cluster.connections && cluster.overlaps())
    refuse(
        "a worker's buckets would share its connection, which the model \"connections\" of /network does not know: "
        "choose \"alpha-beta\"");
}

std::optional<Refusal> no_overlap(const Summation& uploads, const ClusterPlan& cluster) {
  if (!cluster.overlaps()) return {};
  const std::string so = ": it leaves in one piece when all is computed, and nothing overlaps";
  if (uploads.parts.empty()) return Refusal{uploads.in_one_piece.key, uploads.in_one_piece.why + so};
  if (uploads.code && sums_whole(uploads.code(0), cluster.pattern()))
    return Refusal{"compressor", fmt::format("collective \"{}\" makes unions of whole messages{}",
                                             cluster.collective->entry->name, so)};
  const Overlap& overlap = *cluster.execution->overlap;
  if (buckets_of(uploads.parts, overlap).size() > 1) return {};
  double bytes = 0;
  for (const auto& part : uploads.parts) bytes += static_cast<double>(part.length) * overlap.real_bytes;
  return Refusal{"method", fmt::format("one bucket holds all layers, {:.0f} bytes{}", bytes, so)};
}

}  // namespace laconic::scenario
