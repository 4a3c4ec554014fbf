#include "sim/results/verdict_sentence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laconic::results {
namespace {

// "66.0 s", or of several seeds "66.0 s (60.0 s to 80.0 s)".
std::string cost_words(const Entrant& entry, const SentenceWords& words, bool ranged = false) {
  if (!std::isfinite(entry.cost)) return fmt::format("with {} of {} seeds only", entry.arrived, entry.seeds);
  if (!ranged || entry.seeds == 1 || entry.least == entry.most) return words.amount(entry.cost);
  return fmt::format("{} ({} to {})", words.amount(entry.cost), words.amount(entry.least),
                     std::isfinite(entry.most) ? words.amount(entry.most) : "never");
}

// The fewest seeds of those who arrive.
std::size_t fewest_seeds(const Decision& verdict) {
  std::size_t out = 0;
  for (const Entrant& entry : verdict.entries)
    if (std::isfinite(entry.cost)) out = out == 0 ? entry.seeds : std::min(out, entry.seeds);
  return out;
}

std::string range_words(const Decision& verdict) {
  const std::size_t seeds = fewest_seeds(verdict);
  if (seeds == 1) return " (one seed)";
  const auto end = [](double x) { return std::isfinite(x) ? fmt::format("{:.3g}", x) : std::string("never"); };
  const std::string low = end(verdict.low), high = end(verdict.high);
  return fmt::format(" ({}{} over {} seeds)", low, low == high ? "" : " to " + high, seeds);
}

// Who did not get there, or with some of the seeds only.
std::string misses(const Decision& verdict) {
  std::vector<std::string> never, some;
  for (const Entrant& entry : verdict.entries) {
    if (entry.arrived == 0)
      never.push_back(entry.label);
    else if (entry.arrived < entry.seeds)
      some.push_back(fmt::format("{} got there with {} of {} seeds", entry.label, entry.arrived, entry.seeds));
  }
  return (never.empty() ? "" : fmt::format(" {} did not get there.", listed(never))) +
         (some.empty() ? "" : fmt::format(" {}.", listed(some)));
}

std::string nobody_words(const Decision& verdict, const SentenceWords& words) {
  std::vector<std::string> some;
  for (const Entrant& entry : verdict.entries)
    if (entry.arrived > 0)
      some.push_back(fmt::format("{} did with {} of {} seeds", entry.label, entry.arrived, entry.seeds));
  std::string more = some.empty() ? "" : listed(some);
  if (!words.nearest.empty()) more += (more.empty() ? "" : "; ") + words.nearest;
  return fmt::format("nobody {}{}{}.", words.reached, some.empty() ? "" : " with half of its seeds",
                     more.empty() ? "" : ": " + more);
}

std::string undecided_words(const Decision& verdict, const SentenceWords& words) {
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < verdict.level; ++i)
    seen.push_back(verdict.entries[i].label + ' ' + cost_words(verdict.entries[i], words, true));
  std::string out =
      fmt::format("not decided by {} seeds who {} first: {}", fewest_seeds(verdict), words.reached, listed(seen));
  if (verdict.before)
    out += fmt::format("; {} is before {} with probability {:.2g} ({:.2g} to {:.2g})", verdict.entries[0].label,
                       verdict.entries[1].label, verdict.before->share, verdict.before->low, verdict.before->high);
  return out;
}

}  // namespace

std::string listed(const std::vector<std::string>& words) {
  std::string out = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) out += (i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

std::string sentence(const Decision& verdict, const SentenceWords& words) {
  if (verdict.lead == Lead::nobody) return nobody_words(verdict, words);
  const Entrant& first = verdict.entries.front();
  std::vector<std::string> leaders;
  for (std::size_t i = 0; i < verdict.level; ++i) leaders.push_back(verdict.entries[i].label);
  const Entrant* second = nullptr;
  if (verdict.level < verdict.entries.size() && std::isfinite(verdict.entries[verdict.level].cost))
    second = &verdict.entries[verdict.level];
  const std::string at = first.cost == 0 ? "at the start" : "after " + cost_words(first, words);
  std::string out;
  switch (verdict.lead) {
    case Lead::nobody:
      break;
    case Lead::only:
      return fmt::format("{} {} {}{}.", first.label, words.reached, at,
                         first.seeds > 1 ? fmt::format(" (median of {} seeds)", first.seeds) : "") +
             misses(verdict);
    case Lead::undecided:
      out = undecided_words(verdict, words);
      break;
    case Lead::tied:
      out = fmt::format("{} are tied: they {} {}", listed(leaders), words.reached, at);
      break;
    case Lead::close: {
      const Entrant& last = verdict.entries[verdict.level - 1];
      const std::string end = words.amount(last.cost);
      const bool one = first.cost == 0 || end == words.amount(first.cost);
      out = fmt::format("{} {} within 5 % of each other, {}{}", listed(leaders), words.reached, at,
                        one ? "" : " to " + end);
      break;
    }
    case Lead::first:
      out =
          fmt::format("{} {}{}{} {}", first.label, second ? "" : "alone ", words.reached, second ? " first," : ",", at);
      break;
  }
  if (second) {
    out += fmt::format("; {} was next with {}", second->label, words.amount(second->cost));
    if (verdict.lead == Lead::first && first.cost > 0)
      out += fmt::format(", {:.3g} times as {}{}", verdict.factor, words.many, range_words(verdict));
  }
  return out + '.' + misses(verdict);
}

}  // namespace laconic::results
