#include "sim/scenario/read_tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/random.hpp"
#include "sim/scenario/claim.hpp"

namespace laconic::scenario {

using namespace results;

namespace {

using nlohmann::json;

constexpr std::size_t most_trials_of_one = 1000, refinements = 6;
constexpr std::uint64_t usual_seeds[] = {101, 102, 103};

bool names_values(const json& tune) { return tune.contains("grid") || tune.contains("log"); }

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> out(1);
  for (const char c : name)
    if (c == '/')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

// A list of values, or, for "log", a range of numbers.
struct Axis {
  TunedParameter parameter;
  std::vector<json> values;
  double low = 0, high = 0;  // of a range
};

// One entry's "tune": its own keys, or else those of the top.
class EntryReader {
 public:
  EntryReader(const json& source, const std::string& file, std::size_t i) : source_(source), file_(file), i_(i) {}

  // Nothing where this entry is not tuned.
  std::optional<TunedEntry> read() {
    static const json nothing = json::object();
    const json& entry = source_["algorithms"][i_];
    const json& top = source_.contains("tune") ? source_["tune"] : nothing;
    const json& own = entry.contains("tune") ? entry["tune"] : nothing;
    const std::string own_pointer = fmt::format("/algorithms/{}/tune", i_);
    if (own == json(false)) return {};
    if (own.is_boolean()) fail(own_pointer, "expected false, or an object", own);
    const bool own_values = names_values(own);
    const json& values = own_values ? own : top;
    out_.pointer = own_values ? own_pointer : "/tune";
    if (!names_values(values)) {
      if (entry.contains("tune"))
        throw InputError(
            fmt::format("{}: {}: missing \"grid\" or \"log\": expected the values to try", file_, own_pointer));
      return {};
    }
    out_.entry = i_;
    out_.label = entry.value("label", entry["method"].get<std::string>());
    read_axes(values);
    const auto setting = [&](const char* key) -> const json* {
      return own.contains(key) ? &own[key] : top.contains(key) ? &top[key] : nullptr;
    };
    const json* random = setting("random");
    const std::string random_pointer = (own.contains("random") ? own_pointer : "/tune") + "/random";
    if (random)
      draw(random->get<std::size_t>(), random_pointer);
    else
      combine();
    if (const json* refine = setting("refine"))
      read_refine(*refine, (own.contains("refine") ? own_pointer : "/tune") + "/refine");
    for (const Axis& axis : axes_) out_.parameters.push_back(axis.parameter);
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& pointer, const std::string& what, const json& given) const {
    throw InputError(fmt::format("{}: {}: {}, got {}", file_, pointer, what, shown(given)));
  }

  void read_axes(const json& tune) {
    for (const char* kind : {"grid", "log"}) {
      const json block = tune.value(kind, json::object());
      for (const auto& [name, list] : block.items()) {
        if (name == "comment") continue;
        Axis axis{{name, fmt::format("{}/{}/{}", out_.pointer, kind, name), false}, {}, 0, 0};
        const auto same = [&, &name = name](const Axis& other) { return other.parameter.name == name; };
        if (std::any_of(axes_.begin(), axes_.end(), same))
          throw InputError(
              fmt::format("{}: {}: stands in \"grid\", too: expected it once", file_, axis.parameter.pointer));
        for (const char* fixed : {"method", "label", "tune", "comment"})
          if (name == fixed) throw InputError(fmt::format("{}: {}: cannot be tuned", file_, axis.parameter.pointer));
        for (const auto& part : parts_of(name))
          if (part.empty())
            throw InputError(fmt::format("{}: {}: expected a key such as \"step\" or \"compressor/k\"", file_,
                                         axis.parameter.pointer));
        kind == std::string("grid") ? read_list(axis, list) : read_range(axis, list, tune.contains("random"));
        axes_.push_back(std::move(axis));
      }
    }
    if (axes_.empty())
      throw InputError(fmt::format("{}: {}: expected parameters with lists of values, got none", file_, out_.pointer));
  }

  void read_list(Axis& axis, const json& list) const {
    std::set<json> seen;
    for (const json& value : list)
      if (!seen.insert(value).second) fail(axis.parameter.pointer, "expected different values", list);
    axis.values.assign(list.begin(), list.end());
    const bool numbers = std::all_of(list.begin(), list.end(),
                                     [](const json& value) { return value.is_number() && value.get<double>() > 0; });
    const bool whole = std::all_of(list.begin(), list.end(), [](const json& value) {
      return value.is_number() && value.get<double>() == std::floor(value.get<double>());
    });
    axis.parameter.continuous = numbers && !whole;
  }

  // [low, high, how many]; for "random" [low, high].
  void read_range(Axis& axis, const json& range, bool random) const {
    constexpr const char* expected = "expected two positive numbers, the second the greater, and how many values";
    const auto positive_number = [&](std::size_t i) { return range[i].is_number() && range[i].get<double>() > 0; };
    if (range.size() < 2 || range.size() > 3 || !positive_number(0) || !positive_number(1) || range[0] >= range[1])
      fail(axis.parameter.pointer, expected, range);
    if (range.size() == 2 && !random) fail(axis.parameter.pointer, expected, range);
    axis.low = range[0].get<double>();
    axis.high = range[1].get<double>();
    axis.parameter.continuous = true;
    if (range.size() == 2) return;
    const double count = range[2].is_number() ? range[2].get<double>() : 0;
    if (!(count >= 2 && count <= most_trials_of_one && count == std::floor(count)))
      fail(axis.parameter.pointer, fmt::format("{} (2 to {})", expected, most_trials_of_one), range);
    const auto n = static_cast<std::size_t>(count);
    for (std::size_t i = 0; i < n; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(n - 1);
      axis.values.emplace_back(i == 0       ? range[0]
                               : i + 1 == n ? range[1]
                                            : json(four_digits(axis.low * std::pow(axis.high / axis.low, share))));
    }
  }

  // Every combination, the last parameter's values fastest.
  void combine() {
    std::size_t size = 1;
    for (const Axis& axis : axes_) {
      size *= axis.values.size();
      if (size > most_trials_of_one)
        throw InputError(
            fmt::format("{}: {}: expected at most {} trials, got more", file_, out_.pointer, most_trials_of_one));
    }
    for (std::size_t t = 0; t < size; ++t) {
      std::vector<json>& values = out_.trials.emplace_back();
      std::size_t stride = size;
      for (const Axis& axis : axes_) {
        stride /= axis.values.size();
        values.push_back(axis.values[t / stride % axis.values.size()]);
      }
    }
  }

  // So many different combinations, drawn: uniform in lists, log-uniform in ranges, alike for all that are tuned over
  // the same values.
  void draw(std::size_t count, const std::string& pointer) {
    double combinations = 1;
    for (const Axis& axis : axes_)
      combinations *= axis.low > 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(axis.values.size());
    if (static_cast<double>(count) >= combinations)
      throw InputError(
          fmt::format("{}: {}: expected fewer than the {} combinations there are, got {}: leave it out to "
                      "try them all",
                      file_, pointer, combinations, count));
    std::set<std::vector<json>> seen;
    const std::uint64_t seed = source_.value("seed", std::uint64_t{1});
    for (std::uint64_t k = 0; out_.trials.size() < count; ++k) {
      Rng rng(seed, Purpose::tuning, 0, k);
      std::vector<json> values;
      for (const Axis& axis : axes_)
        values.push_back(axis.low > 0 ? json(four_digits(axis.low * std::pow(axis.high / axis.low, rng.uniform())))
                                      : axis.values[rng.below(axis.values.size())]);
      if (seen.insert(values).second || k > 100 * most_trials_of_one) out_.trials.push_back(std::move(values));
    }
  }

  void read_refine(const json& refine, const std::string& pointer) {
    if (refine == json(false)) return;
    const auto several = [&](const Axis& axis) {
      std::set<json> values;
      for (const auto& trial : out_.trials) values.insert(trial[static_cast<std::size_t>(&axis - axes_.data())]);
      return axis.parameter.continuous && values.size() > 1;
    };
    if (std::none_of(axes_.begin(), axes_.end(), several))
      throw InputError(
          fmt::format("{}: {}: nothing to refine: expected a parameter of {} with several positive "
                      "numbers, not all of them whole",
                      file_, pointer, out_.pointer));
    out_.refine = refine.is_boolean() ? refinements : refine.get<std::size_t>();
  }

  const json& source_;
  const std::string& file_;
  std::size_t i_;
  TunedEntry out_;
  std::vector<Axis> axes_;
};

// What is judged must not be what was tuned on.
void check_seeds(const json& source, const std::vector<std::uint64_t>& seeds, const std::string& file) {
  std::set<json> judged{source.value("seed", json(1))};
  const json sweep = source.value("sweep", json::object());
  for (const json& block : {sweep, sweep.value("zip", json::object())})
    for (const json& seed : block.value("/seed", json::array())) judged.insert(seed);
  for (const auto seed : seeds)
    if (judged.contains(json(seed)))
      throw InputError(fmt::format(
          "{}: /tune/seeds: expected other seeds than those of the runs that are compared, got {}", file, seed));
}

// What is swept must not be what is tuned.
void check_sweep(const json& source, const std::vector<TunedEntry>& entries, const std::string& file) {
  const json sweep = source.value("sweep", json::object());
  for (const json& block : {sweep, sweep.value("zip", json::object())})
    for (const auto& [pointer, list] : block.items())
      for (const TunedEntry& entry : entries)
        for (const TunedParameter& parameter : entry.parameters) {
          const auto own = fmt::format("/algorithms/{}/{}", entry.entry, parameter.name);
          const auto tune = fmt::format("/algorithms/{}/tune", entry.entry);
          const auto above = [](const std::string& outer, const std::string& inner) {
            return outer == inner || inner.starts_with(outer + '/');
          };
          if (above(pointer, own) || above(own, pointer) || above(tune, pointer))
            throw InputError(
                fmt::format("{}: /sweep: \"{}\": changes what {} tunes", file, pointer, parameter.pointer));
        }
}

// What decides which values are the best.
void read_by(const json& source, const std::string& file, Tuning& out) {
  static const json nothing = json::object();
  const bool timeless = source["platform"].value("type", "") == "none";
  const json& tune = source.contains("tune") ? source["tune"] : nothing;
  const json& given = tune.contains("by") ? tune["by"] : nothing;
  Params by(given, file, "/tune/by");
  out.metric = by.choice("metric", timeless ? "round" : "sim_time_s", numeric_columns(), "what is least at the best");
  if (timeless && is_time(out.metric)) by.refuse("metric", "a scenario without a network has no simulated time");
  const bool cost = is_cost(out.metric);
  if (by.has("to")) {
    out.to = read_to(by, given["to"]);
    out.to_pointer = "/tune/by/to/" + out.to->key;
    if (timeless && out.to->key == "sim_time") by.refuse("to", "a scenario without a network has no simulated time");
    if (cost != out.to->target.has_value())
      by.refuse("to", cost ? "a cost is compared where a target is reached: expected \"loss\", \"loss_gap\", "
                             "\"grad_norm\" or \"accuracy\""
                           : "a measure is compared within a budget: expected \"rounds\", \"uploads\", "
                             "\"upload_bits\" or \"sim_time\"");
  } else if (cost) {
    for (int i = 0; i < metric_count && !out.to; ++i)
      if (const char* name = metric_names[i]; source["stop"].contains(name)) {
        out.to = Reading{name, source["stop"][name].get<double>(), static_cast<Metric>(i), name};
        out.to_pointer = fmt::format("/stop/{}", name);
      }
    if (!out.to)
      throw InputError(
          fmt::format("{}: /tune/by: missing \"to\": expected the target that costs are compared at, such "
                      "as {{\"loss\": 0.1}}, or one in \"stop\"",
                      file));
  }
}

}  // namespace

std::size_t Tuning::most_trials() const {
  std::size_t most = 0;
  for (const TunedEntry& entry : entries) most = std::max(most, entry.budget());
  return most;
}

bool Tuning::equal_budgets() const {
  return std::all_of(entries.begin(), entries.end(),
                     [&](const TunedEntry& entry) { return entry.budget() == entries.front().budget(); });
}

bool is_tuned(const json& source) {
  if (!source.is_object()) return false;
  if (source.contains("tune")) return true;
  const json algorithms = source.value("algorithms", json::array());
  return std::any_of(algorithms.begin(), algorithms.end(), [](const json& entry) {
    return entry.is_object() && entry.contains("tune") && entry["tune"] != json(false);
  });
}

Tuning read_tuning(const json& source, const std::string& file) {
  Tuning out;
  read_by(source, file, out);
  const json tune = source.value("tune", json::object());
  for (const auto seed :
       tune.value("seeds", std::vector<std::uint64_t>(std::begin(usual_seeds), std::end(usual_seeds))))
    out.seeds.push_back(seed);
  check_seeds(source, out.seeds, file);
  for (std::size_t i = 0; i < source["algorithms"].size(); ++i)
    if (auto entry = EntryReader(source, file, i).read()) out.entries.push_back(std::move(*entry));
  if (out.entries.empty())
    throw InputError(
        fmt::format("{}: /tune: missing \"grid\" or \"log\": expected the values to try, here or in an "
                    "algorithm's own \"tune\"",
                    file));
  check_sweep(source, out.entries, file);
  return out;
}

json untuned(json source) {
  source.erase("tune");
  for (json& entry : source["algorithms"]) entry.erase("tune");
  return source;
}

void put_values(json& entry, const std::vector<TunedParameter>& parameters, const std::vector<json>& values) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    json* at = &entry;
    const auto parts = parts_of(parameters[i].name);
    for (std::size_t part = 0; part + 1 < parts.size(); ++part) {
      json& inner = (*at)[parts[part]];
      if (inner.is_string()) inner = {{"type", inner}};  // a part by its name
      if (!inner.is_object()) inner = json::object();
      at = &inner;
    }
    (*at)[parts.back()] = values[i];
  }
}

json with_first_values(const json& source, const Tuning& tuning) {
  json out = untuned(source);
  for (const TunedEntry& entry : tuning.entries)
    put_values(out["algorithms"][entry.entry], entry.parameters, entry.trials.front());
  return out;
}

double four_digits(double x) { return std::strtod(fmt::format("{:.3e}", x).c_str(), nullptr); }

}  // namespace laconic::scenario
