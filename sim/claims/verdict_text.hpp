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
  nlohmann::json paper = nlohmann::json::object();  ///< the scenario's "paper"; empty: it runs no paper's experiment
  nlohmann::json swept = nlohmann::json::object();  ///< pointer: values
  std::vector<std::string> pointers;                ///< swept, but the seed's
  std::vector<std::pair<scenario::Claim, Verdict>> claims;
  struct Race {
    results::Reading target;
    std::vector<First> first;
  };
  std::vector<Race> races;           ///< for each target of a claim; none without a network
  std::vector<std::string> answers;  ///< who is first, where: results::answers_of
};

/// "holds", "fails", "not decidable"; where it was expected to fail "fails, cause known", "fails, as expected" (but the
/// cause is not known), "holds, though expected to fail"
std::string verdict_words(const scenario::Claim& claim, const Verdict& verdict);

/// The numbers a verdict rests on: "4.18 Mbit / 102 Mbit = 0.041 (at most 0.05)".
std::string measured(const scenario::Claim& claim, const Verdict& verdict);

/// "latency 1ms, bandwidth 10Gbps"; empty for all points.
std::string place_of(const Checked& checked, const std::vector<std::string>& point);

/// Who is first by more than 5 %, at how many points; more than one: the winner changes with what was swept.
std::map<std::string, int> winners(const Checked::Race& race);

/// What claims.json holds.
nlohmann::ordered_json claims_json(const Checked& checked);

/// One line a claim, under the scenario's name.
std::string claim_lines(const Checked& checked);

/// Why a claim fails and what was tried, as the scenario tells; may be empty.
std::string remark_of(const scenario::Claim& claim);

/// How near the scenario is to its paper's experiment: "stated", "stated, at a reduced scale", "a reading of our own",
/// "stand-in"; empty where it runs no paper's.
std::string setting_words(const Checked& checked);

/// "LAG-WK in 1.2 s, 1.5 times sooner than GD"
std::string race_words(const First& first);

/// "loss_gap at most 0.01"
std::string target_words(const results::Reading& to);

}  // namespace laconic::claims
