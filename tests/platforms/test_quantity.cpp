#include "platforms/quantity.hpp"

#include <algorithm>
#include <cmath>
#include <xbt/parse_units.hpp>

#include "algorithms/base/error.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::vector<double> read(const json& value, Unit unit = Unit::time, int M = 3, const char* key = "latency") {
  const json block = {{key, value}};
  Params in(block, "s.json", "/platform");
  auto out = quantities(in, key, "1", unit, M, "");
  in.finish("the test");
  return out;
}

std::string error(const json& value, Unit unit = Unit::time) {
  try {
    read(value, unit);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("units mean what SimGrid means by them") {
  for (const char* prefix : {"", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"}) {
    for (const char* unit : {"bps", "Bps"}) {
      const std::string text = "2.5" + std::string(prefix) + unit;
      INFO(text);
      CHECK(parse_quantity(text, Unit::bandwidth) == xbt_parse_get_bandwidth("", 0, text, ""));
    }
    const std::string size = "7" + std::string(prefix) + "B";
    INFO(size);
    CHECK(parse_quantity(size, Unit::size) == xbt_parse_get_size("", 0, size, ""));
  }
  for (const char* speed : {"3f", "3kf", "3Mf", "3Gf", "3Tf", "3Pf", "3Ef"})
    CHECK(parse_quantity(speed, Unit::speed) == xbt_parse_get_speed("", 0, speed, ""));
  for (const char* unit : {"ps", "ns", "us", "ms", "s", "m", "h", "d", "w"}) {
    const std::string text = "1.5" + std::string(unit);
    INFO(text);
    CHECK(*parse_quantity(text, Unit::time) == Approx(xbt_parse_get_time("", 0, text, "")).epsilon(1e-15));
  }
}

TEST_CASE("what has no unit, or another one, is no quantity") {
  for (const char* text : {"", "ms", "10", "10 ms", "10min", "10Mbps", "1e400s", "nans", "infs", "0x1s", "10mss"})
    CHECK_FALSE(parse_quantity(text, Unit::time));
  for (const char* text : {"100", "100mbps", "100MB", "100Mb", "1KBps", "1ibps", "10ms"})
    CHECK_FALSE(parse_quantity(text, Unit::bandwidth));
  for (const char* text : {"10G", "10GF", "10Gflops"}) CHECK_FALSE(parse_quantity(text, Unit::speed));
}

TEST_CASE("one value for all, a list, or none") {
  CHECK(read("10ms") == std::vector<double>(3, 0.01));
  CHECK(read(0.5) == std::vector<double>(3, 0.5));
  CHECK(read({"10ms", 2, "1us"}) == std::vector<double>{0.01, 2, 1e-6});
}

TEST_CASE("a distribution draws worker m's value whatever M is, another one for another seed or key") {
  const json law = {{"type", "uniform"}, {"min", "10ms"}, {"max", "20ms"}};
  const auto ten = read(law, Unit::time, 10), twenty = read(law, Unit::time, 20);
  CHECK(std::equal(ten.begin(), ten.end(), twenty.begin()));
  json other = law;
  other["seed"] = 1;
  CHECK(read(other, Unit::time, 10)[0] != ten[0]);
  CHECK(read(law, Unit::time, 10, "server_latency")[0] != ten[0]);
}

TEST_CASE("distributions have the moments they name") {
  constexpr int n = 20000;
  const auto stats = [&](const json& law, auto transform) {
    const auto x = read(law, Unit::time, n);
    double mean = 0, square = 0;
    for (const double v : x) mean += transform(v) / n;
    for (const double v : x) square += std::pow(transform(v) - mean, 2) / n;
    return std::pair(mean, std::sqrt(square));
  };
  const auto same = [](double v) { return v; };
  const auto log = [](double v) { return std::log(v); };
  // Six standard errors: the draws are fixed, so this never flickers.
  const double e = 6 / std::sqrt(double{n});
  {
    const auto [mean, deviation] = stats({{"type", "uniform"}, {"min", 1}, {"max", 3}}, same);
    CHECK(std::abs(mean - 2) < e);
    CHECK(deviation == Approx(1 / std::sqrt(3)).epsilon(e));
  }
  {
    const auto [mean, deviation] = stats({{"type", "log-uniform"}, {"min", 1}, {"max", std::exp(2)}}, log);
    CHECK(std::abs(mean - 1) < e);
    CHECK(deviation == Approx(1 / std::sqrt(3)).epsilon(e));
  }
  {
    const auto inverse = [](double v) { return 1 / v; };
    const auto [mean, deviation] = stats({{"type", "inverse-uniform"}, {"min", 0.25}, {"max", 0.5}}, inverse);
    CHECK(std::abs(mean - 3) < e);
    CHECK(deviation == Approx(1 / std::sqrt(3)).epsilon(e));
  }
  {
    const auto [mean, deviation] = stats({{"type", "log-normal"}, {"median", "1ms"}, {"sigma", 0.5}}, log);
    CHECK(std::abs(mean - std::log(1e-3)) < 0.5 * e);
    CHECK(deviation == Approx(0.5).epsilon(e));
  }
  {
    const auto [mean, deviation] = stats({{"type", "exponential"}, {"mean", "2s"}}, same);
    CHECK(std::abs(mean - 2) < 2 * e);
    CHECK(deviation == Approx(2).epsilon(2 * e));
  }
}

TEST_CASE("quantities say what is wrong with them") {
  const std::string at = "s.json: /platform/latency";
  const std::string time =
      "expected a time that is not negative: seconds, or a string such as \"10ms\" (ps, ns, us, ms, s, m, h, d, w)";
  const std::string bandwidth =
      "expected a positive bandwidth: bytes per second, or a string such as \"100Mbps\" (bits) or \"12.5MBps\" (bytes)";
  CHECK(error("fast") == at + ": " + time + ", got \"fast\"");
  CHECK(error(-1) == at + ": " + time + ", got -1");
  CHECK(error(nullptr) == at + ": " + time + ", got null");
  CHECK(error("0bps", Unit::bandwidth) == at + ": " + bandwidth + ", got \"0bps\"");
  CHECK(error("-1Mbps", Unit::bandwidth) == at + ": " + bandwidth + ", got \"-1Mbps\"");
  CHECK(error(1e10) == at + ": expected 0, or from 1e-15 to 1e9 seconds, got 10000000000.0");
  CHECK(error(1e-300) == at + ": expected 0, or from 1e-15 to 1e9 seconds, got 1e-300");
  CHECK(error(1e20, Unit::bandwidth) == at + ": expected from 0.001 to 1e18 bytes per second, got 1e+20");
  CHECK(error(1e-9, Unit::speed) == at + ": expected from 0.001 to 1e24 flop/s, got 1e-09");
  CHECK(error({"1ms", "2ms"}) == at + ": expected one value for each of the 3 workers, got 2 of them");
  CHECK(error({"1ms", "2ms", "x"}) == at + "/2: " + time + ", got \"x\"");
  CHECK(error({{"type", "uniform"}, {"min", 2}, {"max", 1}}) == at + "/max: expected at least \"min\", 2, got 1");
  CHECK(error({{"type", "log-uniform"}, {"min", 0}, {"max", 1}}) ==
        at + "/min: expected a positive value, as its logarithm is uniform, got 0");
  CHECK(error({{"type", "inverse-uniform"}, {"min", 0}, {"max", 1}}) ==
        at + "/min: expected a positive value, as its inverse is uniform, got 0");
  CHECK(error({{"type", "normal"}, {"mean", 1}}) ==
        at + "/type: expected \"uniform\", \"log-uniform\", \"inverse-uniform\", \"log-normal\" or "
             "\"exponential\", got \"normal\"");
  CHECK(error({{"type", "exponential"}, {"mean", "1ms"}, {"max", "2ms"}}) ==
        at + ": \"max\" means nothing to the exponential distribution; it reads \"mean\", \"seed\" and \"type\"");
  CHECK(error({{"type", "exponential"}}).find(at + ": missing \"mean\": ") == 0);
  CHECK(error({{"type", "exponential"}, {"mean", 1e9}}).find(at + "/type: draws ") == 0);
}
