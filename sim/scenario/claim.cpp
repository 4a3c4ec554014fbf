#include "sim/scenario/claim.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "platforms/quantity.hpp"

namespace laconic::scenario {

using namespace platforms;
using namespace results;

namespace {

using nlohmann::json;

struct Budget {
  const char *key, *column;
};
constexpr Budget budgets[] = {
    {"rounds", "round"}, {"uploads", "uploads"}, {"upload_bits", "upload_bits"}, {"sim_time", "sim_time_s"}};

// Which of the three kinds it is, by the keys that only it has.
Claim::Kind kind_of(const Params& in, const std::string& where) {
  const auto has = [&](std::initializer_list<const char*> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return in.has(key); });
  };
  const bool compares = has({"at_most", "at_least", "within"}), converges = in.has("converges"),
             stays = has({"stays_above", "stays_below"});
  if (compares + converges + stays != 1)
    throw InputError(
        fmt::format("{}: expected bounds (\"at_most\", \"at_least\" or \"within\"), or \"converges\", or "
                    "\"stays_above\" or \"stays_below\", got {}",
                    where, compares + converges + stays == 0 ? "none of these" : "several of these"));
  return compares ? Claim::Kind::compares : converges ? Claim::Kind::converges : Claim::Kind::stays;
}

void read_bounds(Params& in, Claim& claim) {
  const auto bound = [&](const char* key) -> std::optional<double> {
    if (!in.has(key)) return {};
    return in.number(key, {}, any_number, "a bound");
  };
  claim.at_most = bound("at_most");
  claim.at_least = bound("at_least");
  if (in.has("within")) {
    if (claim.at_most || claim.at_least) in.refuse("within", "sets both bounds: expected no other beside it");
    if (!claim.times) in.refuse("within", "compares two algorithms: missing \"times\", the label of the other");
    claim.within = in.number("within", {}, {"a positive number below 1, such as 0.05", 0, 1, true, true}, "");
    claim.at_least = 1 - *claim.within;
    claim.at_most = 1 + *claim.within;
  }
  if (claim.at_least && claim.at_most && *claim.at_least > *claim.at_most)
    in.refuse("at_least",
              fmt::format("{} is above \"at_most\", {}: nothing can lie between", *claim.at_least, *claim.at_most));
}

std::string made_up(const Claim& c) {
  std::string out = c.of;
  switch (c.kind) {
    case Claim::Kind::converges:
      return out + fmt::format(": {} falls linearly", c.metric);
    case Claim::Kind::stays:
      return out + fmt::format(": {} stays {} {:g}", c.metric, c.stays_above ? "above" : "below",
                               c.stays_above ? *c.stays_above : *c.stays_below);
    case Claim::Kind::compares:
      break;
  }
  out += fmt::format(": {}", c.metric);
  if (c.to) out += fmt::format(" to {} {:g}", c.to->key, c.to->value);
  if (c.within)
    out += fmt::format(" within {:g} %", *c.within * 100);
  else if (c.at_least && c.at_most)
    out += fmt::format(" from {:g} to {:g}", *c.at_least, *c.at_most);
  else
    out += fmt::format(" {} {:g}", c.at_most ? "at most" : "at least", c.at_most ? *c.at_most : *c.at_least);
  if (c.times) out += fmt::format("{} {}'s", c.within ? " of" : " times", *c.times);
  return out;
}

Claim read_claim(const json& source, const std::string& file, std::size_t i, const std::vector<std::string>& labels) {
  const json& given = source["claims"][i];
  Claim claim;
  claim.pointer = fmt::format("/claims/{}", i);
  Params in(given, file, claim.pointer);
  claim.kind = kind_of(in, fmt::format("{}: {}", file, claim.pointer));
  claim.of = in.choice("of", {}, labels, "the label of an algorithm");
  const bool compares = claim.kind == Claim::Kind::compares;
  for (const char* key : {"times", "to", "confidence"})
    if (in.has(key) && !compares) in.refuse(key, "belongs to a claim with \"at_most\", \"at_least\" or \"within\"");
  if (in.has("times")) claim.times = in.choice("times", {}, labels, "the label of an algorithm");
  if (claim.times == claim.of) in.refuse("times", fmt::format("compares {} with itself", shown(claim.of)));

  std::optional<std::string> usual;
  if (claim.kind == Claim::Kind::converges) usual = "loss_gap";
  claim.metric = in.choice("metric", usual, numeric_columns(), "what is compared");
  if (claim.kind == Claim::Kind::converges && claim.costs())
    in.fail("metric", "what can converge: \"loss\", \"loss_gap\", \"grad_norm\" or \"accuracy\"");
  if (in.has("to")) claim.to = read_to(in, given["to"]);
  if (compares) read_bounds(in, claim);
  if (in.has("confidence")) claim.confidence = in.number("confidence", {}, any_number, "of the interval over seeds");
  for (const char* key : {"r_squared", "from"})
    if (in.has(key) && (compares || (claim.kind == Claim::Kind::stays && key == std::string("r_squared"))))
      in.refuse(key, compares ? "belongs to a claim with \"converges\", \"stays_above\" or \"stays_below\""
                              : "belongs to a claim with \"converges\"");
  if (claim.kind == Claim::Kind::converges) claim.r_squared = in.number("r_squared", 0.98, any_number, "least R^2");
  if (!compares) claim.from = in.count("from", 0, 0, "rows from this round on");
  if (in.has("stays_above")) claim.stays_above = in.number("stays_above", {}, any_number, "a bound");
  if (in.has("stays_below")) claim.stays_below = in.number("stays_below", {}, any_number, "a bound");
  if (claim.stays_above && claim.stays_below) in.refuse("stays_below", "expected no \"stays_above\" beside it");

  claim.expected_to_fail = given.value("expected", "holds") == "fails";
  claim.note = given.value("note", "");
  claim.cause = given.value("cause", "");
  if (claim.expected_to_fail && claim.note.empty() && claim.cause.empty())
    throw InputError(fmt::format("{}: {}: missing \"note\": expected a sentence that says why it is expected to fail",
                                 file, claim.pointer));
  if (!claim.expected_to_fail && !claim.cause.empty())
    in.refuse("cause", "belongs to a claim with \"expected\": \"fails\"");
  claim.at = given.value("at", json::object());
  claim.at.erase("comment");
  claim.what = given.value("what", made_up(claim));
  return claim;
}

}  // namespace

std::vector<std::string> numeric_columns() {
  std::vector<std::string> out;
  const std::string header = row_header();
  for (std::size_t at = 0; at <= header.size();) {
    const auto end = std::min(header.find(',', at), header.size());
    out.push_back(header.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_time(const std::string& column) {
  return column == "sim_time_s" || column == "compute_s" || column == "energy_j";
}

Reading read_to(Params& in, const json& given) {
  std::vector<std::string> named;
  for (const auto& [key, value] : given.items())
    if (key != "comment") named.push_back(key);
  if (named.size() != 1) in.fail("to", "one target or budget, such as {\"loss_gap\": 1e-3} or {\"rounds\": 100}");
  Params to = in.part("to");
  Reading out{named.front(), 0, {}, named.front()};
  for (int i = 0; i < metric_count; ++i)
    if (out.key == metric_names[i]) out.target = static_cast<Metric>(i);
  for (const Budget& budget : budgets)
    if (out.key == budget.key) out.column = budget.column;
  out.value = out.key == "sim_time" ? quantity(to, "sim_time", nullptr, Unit::time, "a budget")
                                    : to.number(out.key, {}, any_number, "a target, or a budget");
  return out;
}

std::vector<Claim> read_claims(const json& source, const std::string& file, const std::vector<std::string>& labels) {
  std::vector<Claim> out;
  for (std::size_t i = 0; source.contains("claims") && i < source["claims"].size(); ++i)
    out.push_back(read_claim(source, file, i, labels));
  return out;
}

void check_claim_points(const json& source, const std::string& file) {
  json swept = json::object();
  if (source.contains("sweep")) {
    for (const json* block : {&source["sweep"], source["sweep"].contains("zip") ? &source["sweep"]["zip"] : nullptr})
      if (block)
        for (const auto& [pointer, list] : block->items())
          if (pointer.starts_with('/')) swept[pointer] = list;
  }
  const bool timeless = source["platform"].value("type", "") == "none";
  std::vector<std::string> pointers;
  for (const auto& [pointer, list] : swept.items()) pointers.push_back(pointer);
  for (std::size_t i = 0; source.contains("claims") && i < source["claims"].size(); ++i) {
    const json& claim = source["claims"][i];
    const bool on_clock = claim.value("to", json::object()).contains("sim_time");
    if (timeless && (on_clock || is_time(claim.value("metric", ""))))
      throw InputError(fmt::format("{}: /claims/{}/{}: a scenario without a network has no simulated time", file, i,
                                   on_clock ? "to" : "metric"));
    const json at = claim.value("at", json::object());
    for (const auto& [pointer, value] : at.items()) {
      if (pointer == "comment") continue;
      const auto where = fmt::format("{}: /claims/{}/at: \"{}\"", file, i, pointer);
      if (pointers.empty()) throw InputError(where + ": the scenario has no \"sweep\"");
      if (!swept.contains(pointer))
        throw InputError(fmt::format("{}: is not swept{}; swept: {}", where, did_you_mean(pointer, pointers),
                                     quoted_choices(pointers, " and ")));
      if (std::find(swept[pointer].begin(), swept[pointer].end(), value) == swept[pointer].end())
        throw InputError(fmt::format("{}: expected one of {}, got {}", where, shown(swept[pointer]), shown(value)));
    }
  }
}

bool claims_name_gap(const json& source) {
  const json claims = source.value("claims", json::array());
  return std::any_of(claims.begin(), claims.end(), [](const json& claim) {
    return claim.value("to", json::object()).contains("loss_gap") ||
           claim.value("metric", claim.contains("converges") ? "loss_gap" : "") == "loss_gap";
  });
}

}  // namespace laconic::scenario
