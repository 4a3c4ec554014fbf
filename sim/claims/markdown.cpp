#include "sim/claims/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laconic::claims {

using namespace scenario;

namespace {

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const auto& text : cells) out += ' ' + cell(text) + " |";
  return out + '\n';
}

std::string found_words(const Checked& checked) {
  std::size_t held = 0;
  for (const auto& [claim, verdict] : checked.claims) held += verdict.outcome == Outcome::holds;
  const std::size_t all = checked.claims.size();
  return held == all ? fmt::format("all {} claims hold", all) : fmt::format("{} of {} claims hold", held, all);
}

std::string link_to(const Checked& checked) {
  return fmt::format("[{}]({})", checked.name, std::filesystem::path(checked.file).filename().string());
}

std::string papers_table(const std::vector<Checked>& all) {
  std::string rows;
  for (const auto& checked : all)
    if (!checked.paper.empty())
      rows += row({link_to(checked), checked.paper["says"],
                   fmt::format("{}: {}", setting_words(checked), found_words(checked)), checked.paper["why"]});
  if (rows.empty()) return "";
  return "| scenario | the paper says | Laconic finds | why |\n|---|---|---|---|\n" + rows + "\n## All claims\n\n";
}

std::string claims_table(const std::vector<Checked>& all) {
  std::map<std::string, std::size_t> counts;
  std::size_t total = 0;
  for (const auto& checked : all)
    for (const auto& [claim, verdict] : checked.claims) {
      ++counts[verdict_words(claim, verdict)];
      ++total;
    }
  std::string out = fmt::format("{} verdict{}:", total, total == 1 ? "" : "s");
  const char* separator = " ";
  for (const auto& [words, count] : counts) {
    out += fmt::format("{}{} {}", separator, count, words);
    separator = "; ";
  }
  out +=
      ".\n\n| scenario | setting | claim | where | verdict | measured | why, and what was tried |\n|---|---|---|---|---|---|---|\n";
  for (const auto& checked : all)
    for (const auto& [claim, verdict] : checked.claims) {
      const std::string words = verdict_words(claim, verdict);
      out += row({link_to(checked),
                  checked.paper.empty() && !checked.stand_in.empty() ? "stand-in" : setting_words(checked), claim.what,
                  place_of(checked, verdict.point), words == "fails" ? "**fails**" : words, measured(claim, verdict),
                  remark_of(claim)});
    }
  return out;
}

std::string races_table(const std::vector<Checked>& all) {
  std::string out =
      "\n## Who is first, by network\n\nIn bold where the winner changes with the network.\n\n| scenario | target | where | first |\n|---|---|---|---|\n";
  for (const auto& checked : all)
    for (const auto& race : checked.races) {
      const bool changes = winners(race).size() > 1;
      for (const auto& first : race.first)
        out += row({checked.name, target_words(race.target), place_of(checked, first.point),
                    changes ? fmt::format("**{}**", race_words(first)) : race_words(first)});
    }
  return out;
}

std::string scales_table(const std::vector<Checked>& all) {
  std::string out = "\n## Scale and data\n\n| scenario | scale | data |\n|---|---|---|\n";
  for (const auto& checked : all)
    out += row({checked.name, checked.reduced ? "reduced; `--full` for more" : "as the scenario states",
                checked.stand_in.empty() ? "as the scenario names them" : "stand-in: " + checked.stand_in});
  return out;
}

}  // namespace

std::string claims_markdown(const std::vector<Checked>& all) {
  return papers_table(all) + claims_table(all) + races_table(all) + scales_table(all);
}

}  // namespace laconic::claims
