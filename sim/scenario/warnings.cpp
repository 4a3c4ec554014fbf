#include "sim/scenario/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/text.hpp"

namespace laconic::scenario {
namespace {

using nlohmann::json;

class Warnings {
 public:
  explicit Warnings(const Scenario& scenario) : s_(scenario) {}

  std::vector<std::string> all() {
    if (s_.source.contains("platform")) look_at_units(s_.source["platform"], "/platform", "");
    for (const auto& algorithm : s_.algorithms) {
      look_at_part(algorithm.entry, algorithm.pointer, 0);
      if (const auto& why = algorithm.no_overlap) add(algorithm.pointer + "/" + why->key, why->why);
    }
    for (const auto& target : s_.record.watch) {
      const bool gap = target.metric == results::Metric::loss_gap && target.value < 0;
      const bool loss =
          target.metric == results::Metric::loss && s_.problem.optimum && target.value < *s_.problem.optimum;
      if (gap || loss)
        add("/stop", fmt::format("no model reaches {} {:g}: the least loss is {:.6g}",
                                 results::metric_names[static_cast<int>(target.metric)], target.value,
                                 s_.problem.optimum.value_or(0)));
    }
    return std::move(out_);
  }

 private:
  void add(const std::string& pointer, const std::string& what) {
    out_.push_back(fmt::format("{}: warning: {}: {}", s_.file, pointer, what));
  }

  // Plain numbers are in seconds and bytes a second, where most people think in milliseconds and megabits.
  void look_at_units(const json& value, const std::string& pointer, const std::string& key) {
    if (value.is_number()) {
      const double x = value.get<double>();
      if (key.ends_with("latency") && x >= 1)
        add(pointer, fmt::format("a latency of {:g} s: a number is in seconds; \"{:g}ms\" are milliseconds", x, x));
      if (key.ends_with("bandwidth") && x > 0 && x < 1e4)
        add(pointer,
            fmt::format("a bandwidth of {:g} byte/s: a number is in bytes a second; \"{:g}Mbps\" are megabits", x, x));
    } else if (value.is_array() && !value.empty()) {
      look_at_units(value[0], pointer + "/0", key);
    } else if (value.is_object()) {
      for (const auto& [inner, child] : value.items()) look_at_units(child, pointer + "/" + inner, inner);
    }
  }

  // An algorithm's entry, or a part of it.
  void look_at_part(const json& part, const std::string& pointer, int depth) {
    const auto number = [&](const char* key) {
      return part.contains(key) && part[key].is_number() ? part[key].get<double>() : 0.0;
    };
    const Problem& p = s_.problem;
    if (const double k = number("k"); k > static_cast<double>(p.d))
      add(pointer + "/k", fmt::format("k = {:g} is more than the d = {} there are", k, p.d));
    if (const double bits = number("bits"); bits > static_cast<double>(s_.round.wire == Wire::float64 ? 64 : 32))
      add(pointer + "/bits", fmt::format("{:g} bits a number are more than the number itself has on the wire", bits));
    if (const double step = number("step"); step >= 1e6 || (p.smooth() && step * p.L >= 1e4))
      add(pointer + "/step", p.smooth() ? fmt::format("a step of {:g}, where 1/L = {:.3g}", step, 1 / p.L)
                                        : fmt::format("a step of {:g}", step));
    if (const double batch = number("batch"); batch > 0 && !s_.data.shares.empty()) {
      const auto least = std::min_element(s_.data.shares.begin(), s_.data.shares.end(),
                                          [](const auto& a, const auto& b) { return a.samples < b.samples; });
      if (batch > static_cast<double>(least->samples))
        add(pointer + "/batch", fmt::format("a batch of {:g}, where worker {} has {} samples", batch,
                                            least - s_.data.shares.begin(), least->samples));
    }
    if (depth > 0) return;
    for (const auto& [key, child] : part.items())
      if (child.is_object()) look_at_part(child, pointer + "/" + key, depth + 1);
  }

  const Scenario& s_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> warnings_of(const Scenario& scenario) { return Warnings(scenario).all(); }

void warn(const Scenario& scenario) {
  for (const auto& line : warnings_of(scenario)) fmt::print(stderr, "{}\n", printable(line));
}

}  // namespace laconic::scenario
