#include "sim/scenario/read_seeds.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::scenario {

using nlohmann::json;

namespace {

std::uint64_t first_seed(const json& source) { return source.value("seed", std::uint64_t{1}); }

}  // namespace

std::optional<Seeds> read_seeds(const json& source, const std::string& file) {
  if (!source.contains("seeds")) return {};
  Params in(source["seeds"], file, "/seeds");
  const bool timeless = source["platform"].value("type", "") == "none";
  Seeds out;
  out.until = in.number("until", {}, any_number, "how wide an interval may be");
  out.most = static_cast<std::size_t>(in.count("most", 30, Seeds::least, "seeds at most"));
  out.metric = in.choice("metric", timeless ? "round" : "sim_time_s", {"round", "sim_time_s", "upload_bits", "uploads"},
                         "what it costs to reach a target");
  if (timeless && out.metric == "sim_time_s") in.refuse("metric", "a scenario without a network has no simulated time");
  const json sweep = source.value("sweep", json::object());
  if (sweep.contains("/seed") || sweep.value("zip", json::object()).contains("/seed"))
    throw InputError(fmt::format("{}: /seeds: and \"/seed\" of /sweep both say which seeds are run: choose one", file));
  if (first_seed(source) + out.most > (std::uint64_t{1} << 53))
    throw InputError(
        fmt::format("{}: /seeds/most: expected seeds up to 2^53, of which {} and the {} that follow are "
                    "some",
                    file, first_seed(source), out.most - 1));
  return out;
}

json with_seeds(json source, std::size_t n) {
  source.erase("seeds");
  json& seeds = source["sweep"]["/seed"] = json::array();
  for (std::size_t i = 0; i < n; ++i) seeds.push_back(first_seed(source) + i);
  return source;
}

}  // namespace laconic::scenario
