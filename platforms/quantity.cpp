#include "platforms/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "algorithms/base/error.hpp"

namespace laconic::platforms {
namespace {

struct Named {
  std::string_view name;
  double factor;
};

constexpr std::array<Named, 9> times{{{"w", 604800},
                                      {"d", 86400},
                                      {"h", 3600},
                                      {"m", 60},
                                      {"s", 1},
                                      {"ms", 1e-3},
                                      {"us", 1e-6},
                                      {"ns", 1e-9},
                                      {"ps", 1e-12}}};

// A prefix's factor: 1 for "", 1000^i for k M G T P E Z Y, 1024^i with a further i.
std::optional<double> prefix(std::string_view text) {
  if (text.empty()) return 1;
  if (text == "k") return 1e3;
  const bool binary = text.size() == 2 && text[1] == 'i';
  if (text.size() != 1 && !binary) return {};
  const auto power = std::string_view(binary ? "KMGTPEZY" : "kMGTPEZY").find(text[0]);
  if (power == std::string_view::npos) return {};
  return std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
}

std::optional<double> unit_factor(std::string_view text, Unit unit) {
  if (unit == Unit::factor) return text.empty() ? std::optional(1.0) : std::nullopt;
  if (unit == Unit::time) {
    for (const auto& [name, factor] : times)
      if (text == name) return factor;
    return {};
  }
  static constexpr Named bandwidths[] = {{"bps", 0.125}, {"Bps", 1}};
  static constexpr Named speeds[] = {{"f", 1}};
  static constexpr Named sizes[] = {{"b", 0.125}, {"B", 1}};
  const std::span<const Named> known = unit == Unit::bandwidth ? std::span<const Named>(bandwidths)
                                       : unit == Unit::speed   ? std::span<const Named>(speeds)
                                                               : std::span<const Named>(sizes);
  for (const auto& [name, factor] : known) {
    if (!text.ends_with(name)) continue;
    if (const auto scale = prefix(text.substr(0, text.size() - name.size()))) return *scale * factor;
  }
  return {};
}

const char* expected(Unit unit) {
  switch (unit) {
    case Unit::time:
      return "a time that is not negative: seconds, or a string such as \"10ms\" (ps, ns, us, ms, s, m, h, d, w)";
    case Unit::bandwidth:
      return "a positive bandwidth: bytes per second, or a string such as \"100Mbps\" (bits) or \"12.5MBps\" (bytes)";
    case Unit::speed:
      return "a positive speed: flop/s, or a string such as \"10Gf\"";
    case Unit::factor:
      return "a positive number";
    case Unit::size:
      break;
  }
  return "a size that is not negative: bytes, or a string such as \"64B\"";
}

// The values that SimGrid's arithmetic, which shares in proportion to 1/latency and rounds at 1e-9, still gets right.
struct Limits {
  double least, most;
  const char* words;
};

Limits limits(Unit unit) {
  switch (unit) {
    case Unit::time:
      return {1e-15, 1e9, "0, or from 1e-15 to 1e9 seconds"};
    case Unit::bandwidth:
      return {1e-3, 1e18, "from 0.001 to 1e18 bytes per second"};
    case Unit::speed:
      return {1e-3, 1e24, "from 0.001 to 1e24 flop/s"};
    case Unit::factor:
      return {1e-6, 1e6, "from 1e-6 to 1e6"};
    case Unit::size:
      break;
  }
  return {1e-3, 1e18, "0, or from 0.001 to 1e18 bytes"};
}

bool admitted(double x, Unit unit) {
  if (x == 0) return unit == Unit::time || unit == Unit::size;
  return x >= limits(unit).least && x <= limits(unit).most;
}

// The error message's words for a value that is not admitted.
std::string expected_of(std::optional<double> x, Unit unit) {
  const bool too_far = x && *x > 0;
  return too_far ? limits(unit).words : expected(unit);
}

// Draw m belongs to worker m, whatever M is.
std::vector<double> drawn(const Params& in, const std::string& key, Unit unit, int M) {
  const Law law = Law::read(in, unit);
  // Two quantities of one platform draw from different streams: worker m's bandwidth says nothing about its latency.
  std::uint64_t salt = 0;
  for (char c : key) salt = salt * 31 + static_cast<unsigned char>(c);
  std::vector<double> out;
  for (int m = 0; m < M; ++m) {
    Rng rng(law.seed, Purpose::platform, static_cast<std::uint32_t>(m), salt & 0xFFFFFFFF);
    const double x = law.draw(rng);
    if (!admitted(x, unit))
      in.refuse("type", fmt::format("draws {} for worker {}: expected {}", x, m, expected_of(x, unit)));
    out.push_back(x);
  }
  return out;
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Unit unit) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || !std::isfinite(x)) return {};
  const auto factor = unit_factor(text.substr(static_cast<std::size_t>(end - text.data())), unit);
  if (!factor) return {};
  return x * *factor;
}

std::optional<double> quantity_of(const nlohmann::json& value, Unit unit) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return parse_quantity(value.get_ref<const std::string&>(), unit);
  return {};
}

double quantity(Params& in, const std::string& key, const char* fallback, Unit unit, const char* meaning) {
  const auto* value = in.look(key, fallback ? fallback : "required", expected(unit), meaning);
  if (!value && fallback) return *parse_quantity(fallback, unit);
  const auto x = value ? quantity_of(*value, unit) : std::nullopt;
  if (!x || !admitted(*x, unit)) in.fail(key, expected_of(x, unit));
  return *x;
}

Law Law::constant(double value) {
  Law law;
  law.a_ = value;
  return law;
}

Law Law::exponential(double mean) {
  Law law;
  law.kind_ = Kind::exponential;
  law.a_ = mean;
  return law;
}

Law Law::read(Params in, Unit unit) {
  Law law;
  const auto type = in.choice("type", {}, {"uniform", "log-uniform", "inverse-uniform", "log-normal", "exponential"},
                              "the distribution");
  law.seed = static_cast<std::uint64_t>(in.count("seed", 0, 0, "seed of the distribution"));
  double &a = law.a_, &b = law.b_;
  if (type.ends_with("uniform")) {
    law.kind_ = type == "uniform" ? Kind::uniform : type == "log-uniform" ? Kind::log_uniform : Kind::inverse_uniform;
    a = quantity(in, "min", nullptr, unit, "least value");
    b = quantity(in, "max", nullptr, unit, "largest value");
    if (b < a) in.refuse("max", fmt::format("expected at least \"min\", {}, got {}", a, b));
    if (type == "log-uniform" && a <= 0) in.fail("min", "a positive value, as its logarithm is uniform");
    if (type == "inverse-uniform" && a <= 0) in.fail("min", "a positive value, as its inverse is uniform");
  } else if (type == "log-normal") {
    law.kind_ = Kind::log_normal;
    a = quantity(in, "median", nullptr, unit, "median");
    b = in.number("sigma", {}, {"a number from 0 to 10", 0, 10}, "standard deviation of the logarithm");
  } else {
    law.kind_ = Kind::exponential;
    a = quantity(in, "mean", nullptr, unit, "mean");
  }
  in.finish(fmt::format("the {} distribution", type));
  return law;
}

double Law::draw(Rng& rng) const {
  switch (kind_) {
    case Kind::uniform:
      return a_ + (b_ - a_) * rng.uniform();
    case Kind::log_uniform:
      return a_ * std::pow(b_ / a_, rng.uniform());
    case Kind::inverse_uniform:
      return 1 / (1 / b_ + (1 / a_ - 1 / b_) * rng.uniform());
    case Kind::log_normal:
      return a_ * std::exp(b_ * rng.normal());
    case Kind::exponential:
      return -a_ * std::log(rng.uniform() + 0x1p-54);  // the logarithm's argument is never 0
    case Kind::constant:
      break;
  }
  return a_;
}

Law quantity_law(Params& in, const std::string& key, Unit unit, const char* meaning) {
  const auto* value = in.look(key, "required", std::string(expected(unit)) + "; or a distribution", meaning);
  if (value && value->is_object()) {
    if (value->contains("seed"))
      in.refuse(key, "draws with the seed of \"conditions\": expected a distribution without \"seed\"");
    return Law::read(Params(*value, in.file(), in.pointer_of(key)), unit);
  }
  return Law::constant(quantity(in, key, nullptr, unit, meaning));
}

std::vector<double> quantities(Params& in, const std::string& key, const char* fallback, Unit unit, int M,
                               const char* meaning) {
  const auto workers = static_cast<std::size_t>(M);
  const auto* value =
      in.look(key, fallback, std::string(expected(unit)) + "; or a list, one a worker; or a distribution", meaning);
  if (!value && *fallback == '{') {
    const auto distribution = nlohmann::json::parse(fallback);
    return drawn(Params(distribution, in.file(), in.pointer_of(key)), key, unit, M);
  }
  if (value && value->is_object()) return drawn(Params(*value, in.file(), in.pointer_of(key)), key, unit, M);
  if (!value || !value->is_array()) return std::vector<double>(workers, quantity(in, key, fallback, unit, meaning));
  if (value->size() != workers)
    in.refuse(key, fmt::format("expected one value for each of the {} workers, got {} of them", M, value->size()));
  std::vector<double> out;
  for (const auto& entry : *value) {
    const auto x = quantity_of(entry, unit);
    if (!x || !admitted(*x, unit))
      throw InputError(
          fmt::format("{}/{}: expected {}, got {}", in.where(key), out.size(), expected_of(x, unit), shown(entry)));
    out.push_back(*x);
  }
  return out;
}

}  // namespace laconic::platforms
