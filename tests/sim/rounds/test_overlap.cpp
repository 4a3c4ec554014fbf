#include <algorithm>

#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/logistic.hpp"
#include "sim/rounds/overlap.hpp"
#include "tests/sim/collectives.hpp"
#include "tests/sim/network/rounds_on.hpp"

// Uploads that leave in buckets while the backward pass goes on, against closed forms.

using namespace laconic::tests;
using nlohmann::json;

namespace {

constexpr Index layer = 4000;                            // entries of each
const std::vector<double> layers_ready = {0.5, 0.8, 1};  // the last layer's, then those before it
constexpr Index d = 3 * layer;

RoundPlan whole_plan(int M, double seconds, Index entries = d) {
  RoundPlan plan;
  for (int m = 0; m < M; ++m) plan.shares.push_back({m, seconds * speed, 64 * static_cast<std::uint64_t>(entries)});
  plan.sum = {Adds::reals, entries, 64};
  return plan;
}

RoundPlan plan_of(int M, double seconds) {
  RoundPlan plan = whole_plan(M, seconds);
  for (std::size_t i = 0; i < layers_ready.size(); ++i)
    plan.parts.push_back(
        {layers_ready[i], d - layer * static_cast<Index>(i + 1), layer, static_cast<std::uint64_t>(layer)});
  return plan;
}

const json each_layer = {{"overlap", {{"bucket", 1}, {"first_bucket", 1}}}};
const json one_bucket = {{"overlap", {{"bucket", "1GB"}, {"first_bucket", "1GB"}}}};

ClusterPlan cluster_of(int M, const json& collective, const json& execution) {
  json source = even(M, collective);
  if (!execution.is_null()) source["execution"] = execution;
  return read_cluster(source, "test.json", ".");
}

struct Told {
  double seconds;
  Ledger ledger;
};

// A round's end, and the books after it.
Told round_on(const ClusterPlan& cluster, const RoundPlan& plan) {
  const auto rows = csv(in_child([&] {
    std::string out;
    simulate_rounds({plan.shares.size(), [&](Round) -> const RoundPlan& { return plan; }}, cluster,
                    [&](Round rounds, double clock, const Ledger& l) {
                      const Traffic traffic = l.traffic.value_or(Traffic{-1, -1});
                      if (rounds == 1)
                        out = fmt::format("{:.17g},{:.17g},{:.17g},{},{},{},{:.17g}\n", clock, traffic.hidden_s,
                                          traffic.exposed_s, l.uploads, l.upload_bits, l.wire_bytes_up, l.compute_s);
                      return rounds < 1;
                    });
    return out;
  }));
  REQUIRE(rows.size() == 1);
  Told out{std::stod(rows[0].at(0)), {}};
  out.ledger.traffic = Traffic{std::stod(rows[0].at(1)), std::stod(rows[0].at(2))};
  out.ledger.uploads = std::stoull(rows[0].at(3));
  out.ledger.upload_bits = std::stoull(rows[0].at(4));
  out.ledger.wire_bytes_up = std::stoull(rows[0].at(5));
  out.ledger.compute_s = std::stod(rows[0].at(6));
  return out;
}

const json all_reduces = {"ring-allreduce", "recursive-doubling", "reduce-scatter-all-gather", "hierarchical-allreduce",
                          "all-gather"};

const json uneven = {{"type", "star"},
                     {"worker_speed", {"1Mf", "3Mf", "400kf", "2Mf"}},
                     {"bandwidth", {"30kBps", "3MBps", "2MBps", "400kBps"}},
                     {"latency", {"10ms", "3ms", "30ms", "11ms"}}};

}  // namespace

TEST_CASE("buckets of an all-reduce go one after the other, each when it is ready: the recursion") {
  for (const json& collective : all_reduces) {
    const double own = round_on(cluster_of(4, collective, {}), whole_plan(4, 0, layer)).seconds;
    for (const double computing : {0.0, 0.1, own, 3 * own, 10 * own}) {
      INFO(collective.dump() << " " << computing);
      double end = 0, hidden = 0;
      for (const double ready : layers_ready) {
        const double begins = std::max(end, ready * computing);
        end = begins + own;
        hidden += std::max(0.0, std::min(end, computing) - begins);
      }
      const Told told = round_on(cluster_of(4, collective, each_layer), plan_of(4, computing));
      CHECK(told.seconds == Approx(end).epsilon(1e-9));
      CHECK(told.ledger.traffic->hidden_s == Approx(hidden).margin(1e-9));
      CHECK(told.ledger.traffic->exposed_s == Approx(end - computing).epsilon(1e-9));
      CHECK(told.ledger.compute_s == Approx(4 * computing));
    }
  }
}

TEST_CASE("one bucket is no overlap, and none is an upload of one layer") {
  json patterns = all_reduces;
  for (const char* more : {"parameter-server", "tree", "broadcast"}) patterns.push_back(more);
  for (const json& collective : patterns) {
    INFO(collective.dump());
    RoundPlan plan = plan_of(4, 0.3);
    plan.broadcast_bits = 64 * d;
    const double plain = round_on(cluster_of(4, collective, {}), plan).seconds;
    CHECK(round_on(cluster_of(4, collective, one_bucket), plan).seconds == plain);
    CHECK(round_on(cluster_of(4, collective, json::object()), plan).seconds == plain);
    // Three latencies instead of one may be more than what is hidden.
    CHECK(round_on(cluster_of(4, collective, each_layer), plan).seconds != plain);
    RoundPlan single = plan;
    single.parts = {{1, 0, d, 1}};
    CHECK(round_on(cluster_of(4, collective, each_layer), single).seconds == plain);
    single.parts.clear();
    CHECK(round_on(cluster_of(4, collective, each_layer), single).seconds == plain);
  }
}

TEST_CASE("where nothing takes time to send, a round takes the computing time") {
  for (const char* collective : {"parameter-server", "tree", "ring-allreduce", "hierarchical-allreduce"})
    for (const char* solver : {"auto", "simgrid"}) {
      INFO(collective << " " << solver);
      json source = even(4, collective);
      source["platform"] = {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", 1e15}, {"latency", 0}};
      source["network"]["solver"] = solver;
      source["network"]["header"] = 0;
      source["execution"] = each_layer;
      CHECK(round_on(read_cluster(source, "test.json", "."), plan_of(4, 2)).seconds == Approx(2).epsilon(1e-9));
    }
}

TEST_CASE("with a server, a worker's buckets share its link, and workers' the server's") {
  const double b = bytes(layer), lag = 2 * latency;
  // The first is still under way when the others are ready: the last ends when all bytes are through.
  for (const char* solver : {"auto", "simgrid"}) {
    INFO(solver);
    json source = even(1, "parameter-server");
    source["network"]["solver"] = solver;
    source["execution"] = each_layer;
    const ClusterPlan alone = read_cluster(source, "test.json", ".");
    CHECK(round_on(alone, plan_of(1, 0.04)).seconds == Approx(0.02 + lag + 3 * b / bandwidth).epsilon(1e-9));
    // Each is through before the next one is ready.
    CHECK(round_on(alone, plan_of(1, 1)).seconds == Approx(1 + lag + b / bandwidth).epsilon(1e-9));
    const Told told = round_on(alone, plan_of(1, 1));
    CHECK(told.ledger.traffic->hidden_s == Approx(2 * (lag + b / bandwidth)).epsilon(1e-9));
    CHECK(told.ledger.traffic->exposed_s == Approx(lag + b / bandwidth).epsilon(1e-9));
    source = even(4, "parameter-server");
    source["network"]["solver"] = solver;
    source["platform"]["server_bandwidth"] = "1MBps";
    source["execution"] = each_layer;
    CHECK(round_on(read_cluster(source, "test.json", "."), plan_of(4, 0.04)).seconds ==
          Approx(0.02 + lag + 12 * b / bandwidth).epsilon(1e-9));
  }
}

TEST_CASE("on a star, closed form and SimGrid agree, however workers differ") {
  for (const char* narrow : {"60kBps", "300kBps", "100MBps"})
    for (const double seconds : {0.01, 0.2, 2.0})
      for (const bool stragglers : {false, true}) {
        INFO(narrow << " " << seconds << " " << stragglers);
        json source = even(4, "parameter-server");
        source["platform"] = uneven;
        source["platform"]["server_bandwidth"] = narrow;
        source["execution"] = each_layer;
        if (stragglers) source["conditions"]["stragglers"] = {{"probability", 1}, {"factor", 3}};
        RoundPlan plan = plan_of(4, seconds);
        plan.broadcast_bits = 64000;
        plan.shares[2].upload_bits.reset();  // silent: a notice at the end
        plan.shares[3].upload_bits = 77777;  // no whole number of bytes in a bucket
        source["network"]["solver"] = "simgrid";
        const Told simulated = round_on(read_cluster(source, "test.json", "."), plan);
        source["network"]["solver"] = "auto";
        const Told solved = round_on(read_cluster(source, "test.json", "."), plan);
        CHECK(solved.seconds == Approx(simulated.seconds).epsilon(1e-9));
        CHECK(solved.ledger.traffic->hidden_s == Approx(simulated.ledger.traffic->hidden_s).epsilon(1e-9));
        CHECK(solved.ledger.traffic->exposed_s == Approx(simulated.ledger.traffic->exposed_s).epsilon(1e-9));
      }
}

TEST_CASE("buckets change no bits, but headers") {
  json patterns = all_reduces;
  for (const char* more : {"parameter-server", "tree", "broadcast"}) patterns.push_back(more);
  for (const json& collective : patterns) {
    INFO(collective.dump());
    const RoundPlan plan = plan_of(4, 0.3);
    const Ledger whole = round_on(cluster_of(4, collective, {}), plan).ledger;
    const Ledger parts = round_on(cluster_of(4, collective, each_layer), plan).ledger;
    CHECK(parts.upload_bits == whole.upload_bits);
    CHECK(parts.uploads == 3 * whole.uploads);
    CHECK(parts.wire_bytes_up - whole.wire_bytes_up == 2 * 64 * whole.uploads);
  }
  // Bits that are no multiple of anything are all there.
  RoundPlan plan;
  plan.buckets = {{0.5, 20, 10, 3}, {0.7, 10, 10, 5}, {1, 0, 10, 4}};
  for (const std::uint64_t bits : {0ul, 1ul, 11ul, 1000003ul, 1ul << 62}) {
    std::uint64_t sum = 0;
    plan.each_message({0, 1, bits}, [&](double, const auto& part) { sum += *part; });
    CHECK(sum == bits);
  }
}

TEST_CASE("a bucket holds whole layers, and closes once its size reaches the limit, the first one sooner") {
  std::vector<UploadPart> parts;
  for (int i = 6; i-- > 0;) parts.push_back({1 - i / 10.0, 100 * i, 100, 100});
  const auto sizes = [&](std::uint64_t bucket, std::uint64_t first) {
    std::vector<Index> out;
    for (const auto& one : buckets_of(parts, {bucket, first, 4})) out.push_back(one.length);
    return out;
  };
  using Sizes = std::vector<Index>;
  CHECK(sizes(800, 400) == Sizes{100, 200, 200, 100});
  CHECK(sizes(801, 400) == Sizes{100, 300, 200});
  CHECK(sizes(800, 401) == Sizes{200, 200, 200});
  CHECK(sizes(1, 1) == Sizes(6, 100));
  CHECK(sizes(1 << 20, 1 << 20) == Sizes{600});
  const auto two = buckets_of(parts, {1 << 20, 800, 4});
  REQUIRE(two.size() == 2);
  CHECK(two[0] == UploadPart{0.6, 400, 200, 200});
  CHECK(two[1] == UploadPart{1, 0, 400, 400});
}

TEST_CASE("a trace keeps the parts of uploads, so that a replay may overlap otherwise") {
  Trace trace;
  const RoundPlan plan = plan_of(4, 0.3), plain = whole_plan(4, 0.3);
  trace.add_round(plan);
  trace.add_round(plain);
  const Trace read = Trace::unpacked(trace.packed());
  RoundPlan out;
  read.read_round(0, out);
  CHECK(out == plan);
  read.read_round(1, out);
  CHECK(out == plain);
}

TEST_CASE("a method tells in which parts its uploads are known, or why in one") {
  std::vector<data::Dataset> shards;
  for (int m = 0; m < 2; ++m) shards.push_back({RowMatrix::Ones(10, 20), Vector::Ones(10), "test"});
  Problem problem = problems::make_logistic(std::move(shards), {});
  problem.blocks = {{"a", 0, 3, 4}, {"bias", 12, 2, 1}, {"b", 14, 2, 3}};
  Setup setup{problem, {}, "uniform", Schedule{}};
  setup.round = {.d = 20, .wire = Wire::float64, .seed = 1};
  const auto uploads = [&](const json& entry) {
    Params in(entry, "s.json", "");
    return find(methods::methods(), entry["method"].get<std::string>())->make(setup, in).uploads;
  };
  const auto parts = uploads({{"method", "gd"}, {"step", 0.1}}).parts;
  REQUIRE(parts.size() == 3);
  CHECK(parts[0] == UploadPart{parts[0].ready, 14, 6, 6});
  CHECK(parts[0].ready == Approx(1.0 / 3 + 2.0 / 3 * 6 / 20));
  CHECK(parts[1].ready == Approx(1.0 / 3 + 2.0 / 3 * 8 / 20));
  CHECK(parts[2] == UploadPart{1, 0, 12, 12});
  const auto local = uploads({{"method", "local-sgd"}, {"batch", 2}, {"H", 4}, {"step", 0.1}}).parts;
  REQUIRE(local.size() == 3);
  CHECK(local[0].ready == Approx(1 - (1 - parts[0].ready) / 4));
  const auto why = [&](const json& entry) {
    const auto of = uploads(entry);
    return of.parts.empty() ? of.in_one_piece.key + ": " + of.in_one_piece.why : "in parts";
  };
  CHECK(why({{"method", "mh-signsgd"}, {"batch", 2}, {"step", 0.1}}) == "in parts");
  CHECK(why({{"method", "gd"}, {"step", 0.1}, {"compressor", {{"type", "top-k"}, {"k", 2}}}}) ==
        "compressor: \"top-k\" looks at the whole vector (\"by_layer\": true makes parts)");
  CHECK(why({{"method", "lag-wk"}, {"step", 0.1}}) ==
        "trigger: \"lag-wk\" looks at the whole gradient before it sends");
  CHECK(why({{"method", "scaled-majority-vote"}, {"batch", 2}, {"step", 0.1}}).starts_with("aggregate: "));
  CHECK(why({{"method", "powersgd"}, {"rank", 1}, {"step", 0.1}}) ==
        "method: its upload is made of all that a worker computes");
  const auto sparse =
      uploads({{"method", "gd"}, {"step", 0.1}, {"compressor", {{"type", "top-k"}, {"k", 2}, {"by_layer", true}}}})
          .parts;
  REQUIRE(sparse.size() == 3);
  CHECK(sparse[0].bits == 2 * (64 + 3));
  CHECK(sparse[1].bits == 2 * (64 + 1));
  CHECK(sparse[2].bits == 2 * (64 + 4));
  problem.blocks.clear();
  CHECK(why({{"method", "gd"}, {"step", 0.1}}) == "method: the model has one layer");
}

TEST_CASE("what cannot overlap is refused, or told") {
  const json cases[] = {
      {{"conditions", {{"failures", {{{"mtbf", "1s"}, {"mttr", "1s"}}}}}},
       {"says", "/execution: failures and deadlines cut uploads short"}},
      {{"network", {{"solver", "actors"}}}, {"says", "/execution: the \"actors\" of /network/solver"}},
      {{"network", {{"model", "connections"}}}, {"says", "/execution: a worker's buckets would share its connection"}}};
  for (json with : cases) {
    const std::string says = with["says"];
    with.erase("says");
    json source = small_scenario();
    source["execution"] = each_layer;
    source.merge_patch(with);
    INFO(error(source));
    CHECK(error(source).starts_with("test.json: " + says));
    source.erase("execution");
    source["algorithms"][0]["execution"] = each_layer;
    CHECK(error(source).starts_with("test.json: /algorithms/0" + says));
  }
  json source = small_scenario();
  source["execution"] = {{"overlap", {{"bucket", 0}}}};
  CHECK(error(source) ==
        "test.json: /execution/overlap/bucket: expected a whole number of bytes from 1 to 1e15, got 0");
  source["execution"] = {{"overlap", {{"buckets", 2}}}};
  CHECK(error(source).starts_with("test.json: /execution/overlap"));
  source["execution"] = each_layer;
  const Scenario s = scenario_of(source);
  CHECK(s.algorithms[0].no_overlap->why ==
        "the model has one layer: it leaves in one piece when all is computed, and nothing overlaps");
}

TEST_CASE("rows tell what communication costs where an execution is given, and only there") {
  json source = small_scenario();
  for (const auto& row : rows_on_a_network(source)) CHECK((row[comm_hidden_s].empty() && row[comm_exposed_s].empty()));
  source["execution"] = json::object();
  for (const char* solver : {"auto", "simgrid"}) {
    source["network"]["solver"] = solver;
    const auto rows = rows_on_a_network(source);
    const auto& last = rows.back();
    CHECK(std::stod(last[comm_hidden_s]) == Approx(0).margin(1e-9));
    CHECK(std::stod(last[comm_exposed_s]) == Approx(std::stod(last[sim_time]) - std::stod(last[compute_s]) / 3));
  }
  for (const auto& row : rows_untimed(source)) CHECK(row[comm_exposed_s].empty());
}
