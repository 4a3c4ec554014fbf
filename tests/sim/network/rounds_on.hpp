#pragma once

#include <fmt/format.h>

#include "tests/sim/runs.hpp"

namespace laconic::tests {

// A platform as the scenario's reader sees it, under a solver and a network.
inline ClusterPlan cluster_on(const nlohmann::json& platform, int workers, const std::string& solver,
                              const nlohmann::json& network = {}) {
  nlohmann::json source = small_scenario();
  source["workers"] = workers;
  source["platform"] = platform;
  source["network"]["solver"] = solver;
  if (network.is_object()) source["network"].update(network);
  return read_cluster(source, "test.json", ".");
}

// The clock after each of these rounds.
inline std::vector<double> clocks(const ClusterPlan& cluster, const std::vector<RoundPlan>& plans) {
  const std::string text = in_child([&] {
    std::string out;
    simulate_rounds(
        {plans[0].shares.size(), [&](Round k) -> const RoundPlan& { return plans[static_cast<std::size_t>(k)]; }},
        cluster, [&](Round rounds, double clock, const Ledger&) {
          out += fmt::format("{:.17g}\n", clock);
          return rounds < static_cast<Round>(plans.size());
        });
    return out;
  });
  std::vector<double> out;
  for (const auto& row : csv(text)) out.push_back(std::stod(row.at(0)));
  return out;
}

}  // namespace laconic::tests
