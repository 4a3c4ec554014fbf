#include <cmath>

#include "sim/calibrate/calibrate.hpp"
#include "sim/calibrate/robust_fit.hpp"
#include "sim/calibrate/star_flows.hpp"
#include "tests/catch.hpp"
#include "tests/sim/calibrate/clusters.hpp"

// A star of which everything is known leaves messages and computations: what is fitted to them must be that star.

using namespace laconic;
using namespace laconic::calibrate;
using Catch::Matchers::ContainsSubstring;
using laconic::tests::KnownMethod;
using laconic::tests::KnownRuns;
using laconic::tests::KnownStar;

namespace {

const std::vector<KnownMethod> two_methods{{"plain", 320000, 320000, 2e6}, {"signs", 320000, 10032, 2e6}};

Calibration found(const KnownStar& star, const std::vector<KnownMethod>& methods = two_methods,
                  std::uint64_t rounds = 40, std::uint64_t seed = 1, const CalibrateOptions& options = {}) {
  return laconic::calibrate::calibrate({KnownRuns(star, seed).run(methods, rounds)}, options);
}

void check_exact(const std::vector<Estimate>& own, const std::vector<double>& known) {
  REQUIRE((own.size() == 1 || own.size() == known.size()));
  for (std::size_t m = 0; m < known.size(); ++m) {
    const Estimate& x = own[own.size() == 1 ? 0 : m];
    INFO("worker " << m << ": " << x.value << ", in truth " << known[m]);
    CHECK(std::abs(x.value / known[m] - 1) < 1e-8);
  }
}

void check_errors(const Calibration& calibration, double most) {
  CHECK_FALSE(calibration.held_out.empty());
  for (const HeldOutError& error : calibration.held_out) {
    INFO(error.algorithm << ": " << error.worst);
    CHECK(error.rounds);
    CHECK(error.count > 0);
    CHECK(error.worst < most);
  }
}

}  // namespace

TEST_CASE("messages on a fitted star take what the simulator's shared link says") {
  Rng rng(7, Purpose::noise);
  for (int i = 0; i < 50; ++i) {
    const std::size_t M = 1 + rng.below(8);
    FittedStar star;
    star.server_bandwidth = 1e6 * (1 + 4 * rng.uniform());
    std::vector<network::Transfer> transfers;
    std::vector<Sending> messages;
    for (std::size_t m = 0; m < M; ++m) {
      star.latency.push_back(1e-4 + 1e-2 * rng.uniform());
      star.bandwidth.push_back(1e6 * (0.2 + rng.uniform()));
      messages.push_back({static_cast<int>(m), the_server, 1e-2 * rng.uniform(), 1 + 1e4 * rng.uniform()});
      transfers.push_back({messages[m].start + star.latency[m], messages[m].bytes,
                           std::min(star.bandwidth[m], star.server_bandwidth), 1 / star.latency[m]});
    }
    std::vector<double> ends(M), expected(M);
    carry(star, messages, ends);
    network::SharedLink(star.server_bandwidth).carry(transfers, expected);
    for (std::size_t m = 0; m < M; ++m) CHECK(std::abs(ends[m] / expected[m] - 1) < 1e-10);
  }
}

TEST_CASE("without noise a star is found to the last digits, whichever of its links are narrow") {
  struct Case {
    double server_bandwidth;
    bool own_told, server_told;
  };
  for (const auto& [server, own_told, server_told] :
       {Case{1.25e7, false, true}, Case{3e7, true, true}, Case{1e9, true, false}}) {
    INFO("the server's link: " << server);
    const KnownStar star = KnownStar::equal(5, 2e-4, 1.25e7, server, 1e10);
    const Calibration own = found(star);
    check_exact(own.network.latency, star.latency);
    check_exact(own.network.bandwidth, star.bandwidth);
    check_exact(own.computing.speed, star.speed);
    CHECK(own.network.own_told == own_told);
    CHECK(own.network.server_told == server_told);
    if (server_told) check_exact({own.network.server_bandwidth}, {server});
    CHECK(own.header.value == 24);
    CHECK_FALSE(own.network.one_by_one);
    check_errors(own, 1e-8);
  }
}

TEST_CASE("one worker alone is fitted like any number of them") {
  const KnownStar star = KnownStar::equal(1, 0.03, 1e5, 1e5, 1e9);
  const Calibration own = found(star);
  check_exact(own.network.latency, star.latency);
  check_exact(own.network.bandwidth, star.bandwidth);
  check_errors(own, 1e-8);
}

TEST_CASE("workers that differ are found each by itself, and those that do not are one") {
  KnownStar star = KnownStar::equal(4, 1e-3, 1e7, 2.5e7, 1e10);
  star.latency = {1e-3, 2e-3, 1.5e-3, 5e-3};
  star.speed[2] = 4e9;
  const Calibration own = found(star);
  CHECK(own.network.latency.size() == 4);
  check_exact(own.network.latency, star.latency);
  CHECK(own.network.bandwidth.size() == 1);
  check_exact(own.network.bandwidth, star.bandwidth);
  CHECK(own.computing.speed.size() == 4);
  check_exact(own.computing.speed, star.speed);
  check_errors(own, 1e-8);

  star = KnownStar::equal(3, 1e-3, 1e7, 1e9, 1e10);
  star.bandwidth[1] = 2e6;
  const Calibration slow = found(star);
  CHECK(slow.network.latency.size() == 1);
  CHECK(slow.network.bandwidth.size() == 3);
  check_exact(slow.network.bandwidth, star.bandwidth);
  CHECK(slow.told()["platform"]["bandwidth"] == nlohmann::ordered_json({"80Mbps", "16Mbps", "80Mbps"}));
}

TEST_CASE("a link that serves one message after another is found by the last of them") {
  KnownStar star = KnownStar::equal(5, 2e-4, 1e9, 1.25e7, 1e10);
  star.one_by_one = true;
  const Calibration own = found(star);
  CHECK(own.network.one_by_one);
  check_exact({own.network.server_bandwidth}, {star.server_bandwidth});
  check_exact(own.network.latency, star.latency);
}

TEST_CASE("under noise and stragglers the known star lies in its intervals, but for one in ten") {
  int in = 0, all = 0;
  const auto look = [&](const Estimate& x, double known) {
    CHECK(std::abs(std::log(x.value / known)) < 0.1);
    ++all;
    in += x.low <= known && known <= x.high ? 1 : 0;
  };
  for (const double server : {1e7, 2.5e7})
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      KnownStar star = KnownStar::equal(3, 5e-4, 1e7, server, 5e9);
      star.noise = 0.05;
      const Calibration own = found(star, two_methods, 60, seed);
      INFO("the server's link: " << server << ", seed " << seed);
      REQUIRE(own.network.latency.size() == 1);
      look(own.network.latency[0], 5e-4);
      if (own.network.server_told) look(own.network.server_bandwidth, server);
      if (own.network.own_told) look(own.network.bandwidth[0], 1e7);
      REQUIRE(own.computing.speed.size() == 1);
      look(own.computing.speed[0], 5e9);
      for (const HeldOutError& error : own.held_out) CHECK(error.median < 0.5);
    }
  INFO(in << " of " << all);
  CHECK(in >= 0.85 * all);
}

TEST_CASE("rounds that wait for stragglers are said to take longer than predicted") {
  KnownStar star = KnownStar::equal(10, 5e-4, 1e7, 1e9, 5e9);
  star.noise = 0.05;
  const Calibration own = found(star);
  for (const HeldOutError& error : own.held_out) CHECK(error.shift < -0.1);
  CHECK(std::any_of(own.remarks.begin(), own.remarks.end(),
                    [](const auto& words) { return words.starts_with("rounds: predicted up to "); }));
}

TEST_CASE("messages between workers are fitted, and where rounds overlap, each by itself") {
  // A ring on which each node sends to the next; node m begins its rounds later by a third of a round.
  constexpr double latency = 1e-3, bandwidth = 1e6;
  DeployedRun ring{"ring", nlohmann::json::object(), 4, 0, {{"dsgd", 1}}, {}};
  for (std::uint64_t k = 0; k < 30; ++k)
    for (int m = 0; m < 4; ++m) {
      const std::uint64_t bits = k % 2 == 0 ? 80000 : 800;
      const double bytes = static_cast<double>(bits) / 8, start = 0.05 * (static_cast<double>(k) + m / 3.0);
      ring.activities.push_back(
          {true, m, (m + 1) % 4, 0, k, bits, bytes, 0, start, start + 2 * latency + bytes / bandwidth});
    }
  const Calibration own = laconic::calibrate::calibrate({ring}, {});
  check_exact(own.network.latency, std::vector(4, latency));
  check_exact(own.network.bandwidth, std::vector(4, bandwidth));
  REQUIRE(own.held_out.size() == 1);
  CHECK_FALSE(own.held_out[0].rounds);
  CHECK(own.held_out[0].worst < 1e-8);
  CHECK(own.computing.speed.empty());
}

TEST_CASE("what each computation takes beside its flops is told, where computations differ in size") {
  KnownStar star = KnownStar::equal(3, 5e-4, 1e7, 1e7, 1e10);
  star.overhead = 1e-4;
  const std::vector<KnownMethod> sizes{{"small", 320000, 320000, 1e5}, {"large", 320000, 1000, 3e7}};
  const Calibration own = found(star, sizes);
  REQUIRE(own.computing.overhead);
  CHECK(std::abs(own.computing.overhead->value / 1e-4 - 1) < 1e-6);
  star.overhead = 0;
  CHECK_FALSE(found(star, sizes).computing.overhead);
}

TEST_CASE("messages of one size do not tell latency from bandwidth, unless the latency is known") {
  const KnownStar star = KnownStar::equal(3, 5e-4, 1e7, 1e9, 1e10);
  const std::vector<KnownMethod> one_size{{"plain", 320000, 320000, 2e6}};
  CHECK_THROWS_WITH(found(star, one_size), ContainsSubstring("latency and bandwidth cannot be told apart"));
  CalibrateOptions known;
  known.latency = 5e-4;
  check_exact(found(star, one_size, 40, 1, known).network.bandwidth, star.bandwidth);
}

TEST_CASE("a latency below what clocks tell is said not to be relied on") {
  const KnownStar star = KnownStar::equal(3, 5e-6, 1e7, 1e7, 1e10);
  DeployedRun run = KnownRuns(star, 1).run(two_methods, 20);
  run.clock_uncertainty = 2e-5;
  const auto remarks = laconic::calibrate::calibrate({run}, {}).remarks;
  CHECK(std::any_of(remarks.begin(), remarks.end(),
                    [](const auto& words) { return words.starts_with("latency: clocks may differ by 20"); }));
}
