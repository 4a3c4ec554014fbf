#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/claims/judge.hpp"

namespace laconic::claims {

/// A scenario's claims, judged.
struct Checked {
  std::string name, file;
  std::filesystem::path folder;                     ///< where its results are
  std::string stand_in;                             ///< as DataFacts
  bool reduced = false;                             ///< at a smaller scale than its "full"
  nlohmann::json swept = nlohmann::json::object();  ///< pointer: values
  std::vector<std::string> pointers;                ///< swept, but the seed's
  std::vector<std::pair<scenario::Claim, Verdict>> claims;
  struct Race {
    scenario::Reading target;
    std::vector<First> first;
  };
  std::vector<Race> races;  ///< for each target of a claim; none without a network
};

/// "holds", "fails", "not decidable", "fails, as expected", "holds, though expected to fail"
std::string verdict_words(const scenario::Claim& claim, const Verdict& verdict);

/// The numbers a verdict rests on: "4.18 Mbit / 102 Mbit = 0.041 (at most 0.05)".
std::string measured(const scenario::Claim& claim, const Verdict& verdict);

/// "latency 1ms, bandwidth 10Gbps"; empty for all points.
std::string place_of(const Checked& checked, const std::vector<std::string>& point);

/// Who is first, at how many points; more than one: the winner changes with what was swept.
std::map<std::string, int> winners(const Checked::Race& race);

/// What claims.json holds.
nlohmann::ordered_json claims_json(const Checked& checked);

/// One line a claim, under the scenario's name.
std::string claim_lines(const Checked& checked);

/// Tables of all claims, and of who was first to their targets on each network.
std::string claims_markdown(const std::vector<Checked>& all);

}  // namespace laconic::claims
