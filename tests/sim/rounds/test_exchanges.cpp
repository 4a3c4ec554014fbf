#include "sim/results/trace_file.hpp"
#include "tests/sim/collectives.hpp"
#include "tests/sim/network/rounds_on.hpp"
#include "tests/sim/program.hpp"

// Rounds of several exchanges: each takes the time and the messages of a round of its own, one after the other.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr int M = 4;

RoundPlan exchange(std::uint64_t down, std::uint64_t up, double flops) {
  RoundPlan plan;
  plan.broadcast_bits = down;
  for (int m = 0; m < M; ++m) plan.shares.push_back({m, flops * (m + 1), up + 8 * static_cast<std::uint64_t>(m)});
  plan.sum = {Adds::reals, static_cast<Index>(up / 64), 64};
  return plan;
}

RoundPlan two_exchanges() {
  RoundPlan plan = exchange(6400, 3200, 1e4);
  plan.more = {exchange(640, 1280, 0), exchange(64, 128, 5e3)};
  return plan;
}

std::vector<RoundPlan> apart(RoundPlan plan) {
  std::vector<RoundPlan> out = std::move(plan.more);
  plan.more.clear();
  out.insert(out.begin(), plan);
  return out;
}

const json uneven = {{"type", "star"},
                     {"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}},
                     {"bandwidth", {"10kBps", "3MBps", "2MBps", "400kBps"}},
                     {"latency", {"10ms", "3ms", "30ms", "11ms"}},
                     {"server_bandwidth", "100kBps"}};

}  // namespace

TEST_CASE("a round of several exchanges takes as long as they do one after the other, whoever finds that") {
  const RoundPlan plan = two_exchanges();
  const json stragglers = {{"probability", 1}, {"factor", 3}};
  for (const char* solver : {"auto", "simgrid"})
    for (const bool slow : {false, true})
      for (const bool failing : {false, true}) {
        INFO(solver << ", slow " << slow << ", failing " << failing);
        json source = small_scenario();
        source["workers"] = M;
        source["platform"] = uneven;
        source["network"]["solver"] = solver;
        if (slow) source["conditions"]["stragglers"] = stragglers;
        if (failing) source["conditions"]["failures"] = {{{"workers", 1}, {"down", "1000s"}, {"up", "1001s"}}};
        const ClusterPlan cluster = read_cluster(source, "test.json", ".");
        const auto whole = clocks(cluster, {plan, plan}), parts = clocks(cluster, apart(plan));
        CHECK(whole.at(1) == Approx(parts.at(3)).epsilon(1e-12));
        CHECK(whole.at(2) == Approx(2 * parts.at(3)).epsilon(1e-12));
      }
}

TEST_CASE("so it does under every collective, and counts all its messages") {
  const RoundPlan plan = two_exchanges();
  const WireRules wire;
  for (const char* name : {"broadcast", "tree", "ring-allreduce", "recursive-doubling", "all-gather",
                           "reduce-scatter-all-gather", "hierarchical-allreduce"}) {
    INFO(name);
    json source = small_scenario();
    source["workers"] = M;
    source["platform"] = uneven;
    source["collective"] = name;
    const ClusterPlan cluster = read_cluster(source, "test.json", ".");
    CHECK(clocks(cluster, {plan}).at(1) == Approx(clocks(cluster, apart(plan)).at(3)).epsilon(1e-12));
    Ledger whole, parts;
    Bookkeeper(M, wire, cluster.pattern()).count(plan, whole);
    for (const RoundPlan& one : apart(plan)) Bookkeeper(M, wire, cluster.pattern()).count(one, parts);
    CHECK(whole.uploads == parts.uploads);
    CHECK(whole.upload_bits == parts.upload_bits);
    CHECK(whole.downloads == parts.downloads);
    CHECK(whole.download_bits == parts.download_bits);
    CHECK(whole.wire_bytes_up == parts.wire_bytes_up);
    CHECK(whole.wire_bytes_down == parts.wire_bytes_down);
    CHECK(whole.flops == parts.flops);
    CHECK(whole.uploads > 0);
  }
}

TEST_CASE("a parameter server's ledger counts every exchange") {
  Ledger counted;
  counted.round(two_exchanges(), M, {.header = 10});
  CHECK(counted.uploads == 3 * M);
  CHECK(counted.downloads == 3 * M);
  CHECK(counted.upload_bits == M * (3200 + 1280 + 128) + 3 * 8 * (0 + 1 + 2 + 3));
  CHECK(counted.download_bits == M * (6400 + 640 + 64));
  CHECK(counted.wire_bytes_down == counted.download_bits / 8 + 3 * M * 10);
  CHECK(counted.flops == 10 * (1e4 + 5e3));
}

TEST_CASE("a trace keeps every exchange of a round, and is checked before it is believed") {
  const auto packed = [](const RoundPlan& plan) {
    Trace trace;
    trace.add_round(plan);
    return trace.packed();
  };
  const RoundPlan plan = two_exchanges();
  const Trace trace = Trace::unpacked(packed(plan));
  RoundPlan read = exchange(1, 2, 3);  // whose own must not stay
  trace.read_round(0, read);
  CHECK(read == plan);
  const RoundPlan alone = exchange(6400, 3200, 1e4);
  Trace::unpacked(packed(alone)).read_round(0, read);
  CHECK(read == alone);

  RoundPlan stranger = plan;
  stranger.more.back().shares.back().m = M;
  const Folder here;
  const auto in_file = [&](const RoundPlan& one) {
    RecordedRun run{"a", "b", M, Trace::unpacked(packed(one))};
    std::ofstream(here.path / "t", std::ios::binary) << trace_section(run);
    return read_trace(here.path / "t").size();
  };
  CHECK(in_file(plan) == 1);
  CHECK_THROWS_WITH(in_file(stranger), Catch::Contains("damaged"));
}
