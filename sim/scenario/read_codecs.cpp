#include "sim/scenario/read_codecs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/methods/registry.hpp"
#include "platforms/quantity.hpp"

namespace laconic::scenario {

using namespace platforms;

namespace {

CodingCost read_cost(Params& in, const std::string& way) {
  const std::string flops = way + "_flops";
  CodingCost out;
  if (in.has(way)) out.seconds = quantity(in, way, nullptr, Unit::time, "");
  if (in.has(flops)) out.flops = in.number(flops, {}, non_negative, "");
  return out;
}

}  // namespace

CodecCosts read_codecs(const nlohmann::json& block, const std::string& file, const std::string& pointer,
                       CodecCosts known) {
  if (!block.contains("codecs")) return known;
  std::vector<std::string> names = names_of(methods::compressors());
  for (const char* method : {"onebit-adam", "powersgd"}) names.emplace_back(method);
  for (const auto& [name, given] : block["codecs"].items()) {
    if (name == "comment") continue;
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw InputError(fmt::format("{}: {}/codecs: \"{}\" is no compressor{}: they are {}", file, pointer, name,
                                   did_you_mean(name, names), quoted_choices(names, " and ")));
    Params in(given, file, fmt::format("{}/codecs/{}", pointer, name));
    known[name] = {read_cost(in, "encode"), read_cost(in, "decode")};
    in.finish("a codec");
  }
  return known;
}

std::shared_ptr<const std::vector<double>> speeds_of(const ClusterFacts& facts) {
  if (facts.workers.empty()) return nullptr;
  auto out = std::make_shared<std::vector<double>>();
  for (const auto& worker : facts.workers) out->push_back(worker.speed);
  out->push_back(facts.server_speed);
  return out;
}

}  // namespace laconic::scenario
