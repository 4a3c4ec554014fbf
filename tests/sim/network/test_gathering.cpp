#include <cmath>
#include <numeric>

#include "tests/sim/collectives.hpp"

// All-gather, reduce-scatter and all-gather, and hierarchical all-reduce, against closed forms and by following who has
// what.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json gathering(const char* pattern) { return {{"type", "all-gather"}, {"pattern", pattern}}; }
json hierarchy(const json& groups) { return {{"type", "hierarchical-allreduce"}, {"groups", groups}}; }

// Worker m fills entry m, and worker 0 those beyond M, of vectors of `d` reals, w bits each.
RoundPlan one_entry_each(int M, Index d) {
  RoundPlan plan;
  plan.sum = {Adds::drawn, d, 32};
  for (int m = 0; m < M; ++m) plan.shares.push_back({m, 1, 32});
  plan.shares[0].upload_bits = 32 * static_cast<std::uint64_t>(1 + d - M);
  return plan;
}

std::vector<std::vector<Index>> entries_of(int M, Index d) {
  std::vector<std::vector<Index>> out;
  for (int m = 0; m < M; ++m) out.push_back({m});
  for (Index i = M; i < d; ++i) out[0].push_back(i);
  return out;
}

// How many reals come back to each worker.
std::vector<std::uint64_t> reals_back(const Collective& collective, int M, Index d) {
  RoundPlan plan = one_entry_each(M, d);
  plan.partial_bits = collective.partial_bits(plan, entries_of(M, d));
  plan.measured_in = collective.arrangement;
  std::vector<std::uint64_t> out(static_cast<std::size_t>(M));
  for (const auto& [from, to, step] : sends(collective.script(plan, {})))
    if (!step.up) out[static_cast<std::size_t>(to)] += step.bits / 32;
  return out;
}

}  // namespace

TEST_CASE("reduce-scatter and all-gather: halves, quarters, ... of the vector and back, 2 log2 M steps") {
  for (const int M : {1, 2, 4, 8}) {
    double steps = 0;
    for (int part = 2; part <= M; part *= 2) steps += 2 * way(bytes(16.0 / part));
    expect_rounds_of(even(M, "reduce-scatter-all-gather", {{"method", "gd"}}, 16), compute(M, 16) + steps);
  }
  const Rows rows = rows_untimed(even(8, "reduce-scatter-all-gather", {{"method", "gd"}}, 16));
  CHECK(count(rows, 1, uploads) == 8 * 3);
  CHECK(count(rows, 1, upload_bits) == 64 * 16 * 7);  // as the ring's, in fewer messages
  CHECK(count(rows, 1, downloads) == 8 * 3);
  CHECK(count(rows, 1, download_bits) == 64 * 16 * 7);
  const Rows six = rows_untimed(even(6, "reduce-scatter-all-gather"));  // two more, before and after
  CHECK(count(six, 1, uploads) == 2 + 8);
  CHECK(count(six, 1, upload_bits) == 64 * 12 * (2 + 3));
  CHECK(count(six, 1, download_bits) == 64 * 12 * (2 + 3));
}

TEST_CASE("a hierarchical all-reduce takes as long as its parts: in the racks, among heads, in the racks") {
  expect_rounds_of(even(6, hierarchy(2)), compute(6) + 4 * way(bytes(4)) + 2 * way(bytes(2)));
  expect_rounds_of(even(6, hierarchy(3)), compute(6) + 2 * way(bytes(6)) + 4 * way(bytes(2)));
  // The two chunks of the smaller rack go round the larger one as well, where the smaller one's heads, which are early,
  // take their share of a link meanwhile.
  expect_rounds_of(even(6, hierarchy({{0, 1, 2, 3}, {4, 5}})),
                   compute(6) + 6 * way(bytes(6)) + 2 * way(bytes(3)) + way(bytes(3)) - way(0));
  // One rack, and racks of one worker, are rings.
  for (const int groups : {1, 6}) expect_rounds_of(even(6, hierarchy(groups)), compute(6) + 10 * way(bytes(2)));
  expect_rounds_of(even(4, "hierarchical-allreduce"), compute(4) + 2 * way(bytes(6)) + 2 * way(bytes(3)));
}

TEST_CASE("on two tiers the racks are the groups, and all heads of a rack share its uplink") {
  json source = even(6, "hierarchical-allreduce");
  source["platform"] = {{"type", "two-tier"},     {"racks", 2},        {"worker_speed", "1Mf"},
                        {"bandwidth", "1MBps"},   {"latency", "10ms"}, {"uplink_bandwidth", "50kBps"},
                        {"uplink_latency", "5ms"}};
  const double across = 2 * latency + 2 * 0.005 + 3 * bytes(2) / 5e4;
  expect_rounds_of(source, compute(6) + 4 * way(bytes(4)) + 2 * across);
  source["collective"] = hierarchy({{0, 2, 4}, {1, 3, 5}});  // given, if not wise
  CHECK(std::stod(rows_on_a_network(source)[1][sim_time]) > compute(6) + 4 * way(bytes(4)) + 2 * across);
}

TEST_CASE("every worker gets the whole sum, and no entry of it twice") {
  // A sum from which an upload were missing would be shorter. Each worker keeps the chunk whose sum it made.
  using Reals = std::vector<std::uint64_t>;
  CHECK(reals_back(collective_of("ring-allreduce", {}, 8), 8, 8) == Reals(8, 7));
  CHECK(reals_back(collective_of("reduce-scatter-all-gather", {}, 8), 8, 8) == Reals(8, 7));
  CHECK(reals_back(collective_of("reduce-scatter-all-gather", {}, 6), 6, 6) == Reals{5, 6, 5, 6, 4, 4});
  CHECK(reals_back(collective_of(hierarchy({{0, 1, 2}, {3, 4, 5}}), {}, 6), 6, 6) == Reals(6, 5));
  CHECK(reals_back(collective_of(hierarchy({{0, 1, 2, 3}, {4, 5}}), {}, 6), 6, 8) == Reals{6, 6, 8, 8, 6, 6});
}

TEST_CASE("all-gather: M - 1 steps of a message, or log2 M of ever more messages") {
  for (const int M : {1, 2, 3, 4, 6})
    expect_rounds_of(even(M, gathering("ring")), compute(M) + (M - 1) * way(bytes(12)));
  for (const int M : {1, 2, 4, 8}) {
    double steps = 0;
    for (int messages = 1; messages < M; messages *= 2) steps += way(bytes(12.0 * messages));
    expect_rounds_of(even(M, gathering("doubling")), compute(M) + steps);
  }
  const auto up = [](const char* pattern, int M, Column column) {
    return count(rows_untimed(even(M, gathering(pattern))), 1, column);
  };
  CHECK(up("ring", 5, uploads) == 5 * 4);
  CHECK(up("ring", 5, upload_bits) == 5 * 4 * 64 * 12);
  CHECK(up("ring", 5, downloads) == 0);
  CHECK(up("doubling", 8, uploads) == 8 * 3);
  CHECK(up("doubling", 8, upload_bits) == 8 * 7 * 64 * 12);
  CHECK(up("doubling", 6, uploads) == 2 + 4 * 2);  // two more before, and after, who has all but one
  CHECK(up("doubling", 6, upload_bits) == 64 * 12 * (2 + 2 + 2 + 1 + 1 + 2 * 4 + 2 * 2));
  CHECK(up("doubling", 6, download_bits) == 64 * 12 * 2 * 5);
}

TEST_CASE("all messages come to every worker, each once") {
  for (const char* pattern : {"ring", "doubling"})
    for (const int M : {1, 2, 3, 5, 6, 7, 8, 11}) {
      INFO(pattern << " " << M);
      RoundPlan plan;
      for (int m = 0; m < M; ++m) plan.shares.push_back({m, 1, std::uint64_t{1} << 4 * m});
      std::vector<std::uint64_t> got(static_cast<std::size_t>(M));
      const Collective collective = collective_of(gathering(pattern), {}, M);
      for (const auto& sent : sends(collective.script(plan, {})))
        got[static_cast<std::size_t>(sent.to)] += sent.step.bits;
      const std::uint64_t all = ((std::uint64_t{1} << 4 * M) - 1) / 15;
      for (int m = 0; m < M; ++m) CHECK(got[static_cast<std::size_t>(m)] == all - (std::uint64_t{1} << 4 * m));
    }
}

TEST_CASE("what does not add up is gathered, and learned as with a server") {
  const json entries[] = {
      {{"method", "qgd"}, {"bits", 4}},
      {{"method", "ef-signgd"}},
      {{"method", "gd"}, {"compressor", {{"type", "top-k"}, {"k", 2}}}, {"trigger", {{"type", "every"}, {"H", 2}}}},
      {{"method", "mh-signsgd"}, {"batch", 2}}};
  for (const json& entry : entries) {
    json source = even(5, "parameter-server", entry);
    source["stop"]["rounds"] = 8;
    const Rows server = rows_untimed(source);
    const std::uint64_t message = count(server, 1, upload_bits) / 5;
    for (const char* pattern : {"ring", "doubling"}) {
      INFO(entry.dump() << " " << pattern);
      source["collective"] = gathering(pattern);
      const Rows rows = rows_untimed(source);
      for (std::size_t k = 0; k < rows.size(); ++k) CHECK(rows[k][loss] == server[k][loss]);
      CHECK(count(rows, 1, upload_bits) + count(rows, 1, download_bits) == 5 * 4 * message);
    }
  }
  const auto refusal = [](const json& entry) { return error(even(4, "all-gather", entry)); };
  const std::string at = "test.json: /algorithms/0/";
  CHECK(refusal({{"method", "lag-ps"}}) ==
        at + "participation: \"lag-ps\" leaves workers out, and collective \"all-gather\" needs them all");
  CHECK(
      refusal({{"method", "gd"}, {"downlink", {{"type", "top-k"}, {"k", 2}}}}) ==
      at +
          "downlink: it compresses a model on its way down, and collective \"all-gather\" sends none: its workers take "
          "the step on copies of their own");
}

TEST_CASE("a bundle says with a bit for each who is silent, and one of silent workers is a notice") {
  RoundPlan plan;
  for (int m = 0; m < 4; ++m) plan.shares.push_back({m, 1, {}});
  plan.shares[0].upload_bits = 1000;
  const auto bundles = [&] {
    std::vector<std::optional<std::uint64_t>> out;  // from worker 1, then from worker 3
    for (const auto& sent : sends(collective_of(gathering("doubling")).script(plan, {})))
      if (sent.from % 2 == 1) out.push_back(sent.step.payload_bits());
    return out;
  };
  using Bits = std::vector<std::optional<std::uint64_t>>;
  CHECK(bundles() == Bits{{}, 1002, {}, {}});
  for (int m = 1; m < 4; ++m) plan.shares[static_cast<std::size_t>(m)].upload_bits = 100;
  CHECK(bundles() == Bits{100, 1100, 100, 200});
}

TEST_CASE("groups that do not hold every worker once are refused") {
  const auto refusal = [](const json& groups) { return error(even(4, hierarchy(groups))); };
  const std::string at = "test.json: /collective/groups: ";
  CHECK(refusal(2) == "no error");
  CHECK(refusal({{3, 1}, {0, 2}}) == "no error");
  CHECK(refusal(5) == at + "expected at most one for each of the 4 workers, got 5");
  CHECK(refusal({{0, 1}, {2}}) == at + "worker 3 is in none of them");
  CHECK(refusal({{0, 1}, {1, 2, 3}}) == at + "worker 1 is there twice");
  CHECK(refusal({{0, 1}, {2, 3, 4}}) == at + "worker 4: expected numbers from 0 to 3");
  for (const json& wrong : {json(0), json("two"), json::array()})
    CHECK(refusal(wrong).starts_with(at + "expected a whole number, or lists of workers' numbers, got"));
  const std::string inner = "test.json: /collective/groups/0";
  CHECK(refusal(json::parse("[[]]")).starts_with(inner + ": expected a list of workers' numbers, got []"));
  CHECK(refusal(json::parse("[0]")).starts_with(inner + ": expected a list of workers' numbers, got 0"));
  CHECK(refusal(json::parse("[[0, 1.5]]")).starts_with(inner + "/1: expected a worker's number, from 0, got 1.5"));
  json many = even(4, "reduce-scatter-all-gather");
  many["workers"] = 3000;
  CHECK(error(many) ==
        "test.json: /collective: \"reduce-scatter-all-gather\" may cut vectors into a chunk for each of the 3000 "
        "workers: expected at most 2048 workers");
  many["collective"] = "all-gather";
  CHECK(error(many) ==
        "test.json: /collective: a ring of 3000 workers takes 8997000 messages a round: expected at most 1000 workers");
}
