#include "sim/network/round_cache.hpp"

#include <limits>

#include "sim/network/cluster.hpp"
#include "tests/catch.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// Workers 0 and 1 are equal, worker 2 is faster.
Star three_workers() {
  return {1e9,
          {{1e6, {0.01, 1e6}, {0.01, 1e6}}, {1e6, {0.01, 1e6}, {0.01, 1e6}}, {2e6, {0.01, 1e6}, {0.01, 1e6}}},
          infinite,
          infinite};
}

RoundPlan uploading(int sender) {
  RoundPlan plan;
  for (int m = 0; m < 3; ++m) plan.shares.push_back({m, 100, {}});
  plan.shares[static_cast<std::size_t>(sender)].upload_bits = 800;
  return plan;
}

}  // namespace

TEST_CASE("a cache measures a round once, and anew if what it begins with is another") {
  int measured = 0;
  RoundCache cache([&](Round, const RoundPlan&, std::optional<std::uint64_t>) {
    return RoundCost{.seconds = static_cast<double>(++measured)};
  });
  CHECK(cache(0, uploading(0), {}).seconds == 1);
  CHECK(cache(1, uploading(0), 64).seconds == 2);
  CHECK(cache(2, uploading(0), {}).seconds == 1);
  CHECK(cache(3, uploading(0), 64).seconds == 2);
  CHECK(cache(4, uploading(1), 64).seconds == 3);
  CHECK(measured == 3);
}

TEST_CASE(
    "a cache that knows equal workers measures once what any of them does, and tells its recording of the others") {
  int measured = 0;
  const auto record = [&](Round, const RoundPlan&, std::optional<std::uint64_t>) {
    auto recording = std::make_shared<Recording>();
    recording->duration = ++measured;
    return RoundCost{.seconds = static_cast<double>(measured), .recording = recording};
  };
  std::vector<int> from, to;
  const auto exchange = [&](const std::shared_ptr<const Recording>& recording, const std::vector<int>& recorded,
                            const std::vector<int>& present) {
    from = recorded;
    to = present;
    return recording;
  };
  RoundCache cache(record, EqualWorkers(three_workers()), exchange);
  CHECK(cache(0, uploading(0), 64).seconds == 1);
  CHECK(from.empty());
  const RoundCost again = cache(1, uploading(1), 64);
  CHECK(again.seconds == 1);
  REQUIRE(again.recording);
  CHECK(again.recording->duration == 1);
  REQUIRE(from.size() == 3);
  REQUIRE(to.size() == 3);
  for (std::size_t i = 0; i < from.size(); ++i)
    CHECK(to[i] == (from[i] == 2 ? 2 : 1 - from[i]));  // workers 0 and 1 have exchanged their parts
  CHECK(cache(2, uploading(2), 64).seconds == 2);
  CHECK(measured == 2);
}

TEST_CASE("without a network rounds have no time, but books") {
  RoundPlan plan = uploading(0);
  plan.broadcast_bits = 80;
  ClusterPlan cluster;
  cluster.wire = {.header = 10, .skip_notice = false};
  Ledger counted;
  simulate_rounds({3, [&](Round) -> const RoundPlan& { return plan; }}, cluster,
                  [&](Round rounds, double time, const Ledger& ledger) {
                    CHECK(time < 0);
                    counted = ledger;
                    return rounds < 2;
                  });
  CHECK(counted.uploads == 2);
  CHECK(counted.downloads == 6);
  CHECK(counted.wire_bytes_up == 2 * 110);
  CHECK(counted.wire_bytes_down == 6 * 20);
}

TEST_CASE("ledgers add up entry by entry, and what one of them does not count is the other's") {
  Ledger sum, more;
  sum.uploads = 1;
  sum.wire_bytes_down = 10;
  sum.lost = 3;
  more.uploads = 2;
  more.downloads = 4;
  more.compute_s = 0.5;
  more.flops = 1;
  more.late = 7;
  more.lost = 1;
  sum += more;
  CHECK(sum.uploads == 3);
  CHECK(sum.downloads == 4);
  CHECK(sum.wire_bytes_down == 10);
  CHECK(sum.compute_s == 0.5);
  CHECK(sum.flops == 1);
  CHECK(sum.late == std::optional<std::uint64_t>(7));
  CHECK(sum.lost == std::optional<std::uint64_t>(4));
  CHECK_FALSE(sum.energy_j);
}
