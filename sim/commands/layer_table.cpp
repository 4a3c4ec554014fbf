#include "sim/commands/layer_table.hpp"

#include <fmt/format.h>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::commands {

std::string layer_table(const Problem& problem) {
  std::vector<std::vector<std::string>> rows{{"layer", "shape", "parameters", "backward"}};
  const auto layers = problem.layers();
  for (const auto& layer : layers)
    rows.push_back({printable(layer.name), fmt::format("{}", fmt::join(layer.shape, " x ")),
                    fmt::format("{}", layer.size), fmt::format("{:.2f} %", 100 * layer.backward)});
  std::string out = aligned(rows) + fmt::format("\n{} layers, {} parameters", layers.size(), problem.d);
  if (const double flops = problem.workers.front()->flops({{}, problem.workers.front()->samples(), true}); flops > 0)
    out += fmt::format("; a step is {:.4g} Gflop", flops / 1e9);
  return out + '\n';
}

}  // namespace laconic::commands
