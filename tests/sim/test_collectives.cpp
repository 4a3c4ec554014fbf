#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "algorithms/core/error.hpp"
#include "algorithms/methods/registry.hpp"
#include "sim/collectives/collective.hpp"
#include "tests/sim/runs.hpp"

// Collectives against closed forms: who sends, how much, and how long that takes.

using namespace laconic;
using nlohmann::json;

namespace {

constexpr double w = 8, header = 64;  // bytes: float64 wire
constexpr double bandwidth = 1e6, latency = 0.01, speed = 1e6;

// All paths are alike: two links of 10 ms, 1 MB/s at the narrowest.
json even(int M, const json& collective, const json& algorithm = {{"method", "gd"}}, int d = 12) {
  json source = small_scenario(algorithm);
  source["workers"] = M;
  source["data"] = {{"type", "gaussian"}, {"samples", 840}, {"features", d}};
  source["platform"]["server_latency"] = "10ms";
  source["collective"] = collective;
  source["stop"]["rounds"] = 3;
  return source;
}

double bytes(double reals) { return w * reals + header; }
double way(double size) { return 2 * latency + size / bandwidth; }
double compute(int M, int d = 12) { return 4.0 * (840.0 / M) * d / speed; }

using Rows = std::vector<std::vector<std::string>>;

Rows rows_on_a_network(const json& source) {
  return csv(in_child([&] { return rows_of(scenario_of(source)); }));
}

void expect_rounds_of(const json& source, double seconds) {
  const Rows rows = rows_on_a_network(source);
  REQUIRE(rows.size() == 4);
  for (int k = 1; k <= 3; ++k)
    CHECK(std::stod(rows[static_cast<std::size_t>(k)][sim_time]) == Approx(k * seconds).epsilon(1e-9));
}

std::uint64_t count(const Rows& rows, std::size_t k, Column column) { return std::stoull(rows.at(k)[column]); }

Rows rows_untimed(json source) {
  source["platform"] = {{"type", "none"}};
  return csv(rows_of(scenario_of(source)));
}

Collective collective_of(const json& value, std::vector<std::size_t> racks = {}) {
  return *read_collective({{"collective", value}}, "test.json", std::move(racks));
}

const json every_collective = {
    {{"type", "tree"}, {"arity", 1}}, "tree", {{"type", "tree"}, {"arity", 3}}, "ring-allreduce", "recursive-doubling"};

std::string error(const json& source) {
  try {
    scenario_of(source);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

struct Sent {
  int from, to;
  Step step;
};

std::vector<Sent> sends(const Script& script) {
  std::vector<Sent> out;
  for (std::size_t host = 0; host < script.programs.size(); ++host)
    for (const Step& step : script.programs[host])
      if (step.kind == Step::Kind::send) out.push_back({static_cast<int>(host), step.peer, step});
  return out;
}

}  // namespace

TEST_CASE("ring all-reduce: 2(M-1) steps, each of 1/M of the vector") {
  for (const int M : {2, 3, 4, 6})
    expect_rounds_of(even(M, "ring-allreduce"), compute(M) + 2 * (M - 1) * way(bytes(12.0 / M)));
}

TEST_CASE("ring all-reduce: without header and latency, 2(M-1)/M of the vector's own time") {
  json source = even(4, "ring-allreduce");
  source["platform"]["latency"] = 0;
  source["platform"]["server_latency"] = 0;
  source["platform"]["worker_speed"] = "1Zf";
  source["network"]["header"] = 0;
  expect_rounds_of(source, 2 * 3.0 / 4 * (w * 12 / bandwidth));
}

TEST_CASE("recursive doubling: log2 M steps of the whole vector, two more where M is no power of two") {
  for (const int M : {1, 2, 4, 8})
    expect_rounds_of(even(M, "recursive-doubling"), compute(M) + std::log2(M) * way(bytes(12)));
  // There, a neighbour that has nobody to wait for sends while the step before is on its way to the same host: the two
  // share its link, which costs a message's bytes once.
  for (const int M : {3, 5, 6, 7})
    expect_rounds_of(even(M, "recursive-doubling"),
                     compute(M) + (std::floor(std::log2(M)) + 2) * way(bytes(12)) + bytes(12) / bandwidth);
}

TEST_CASE("broadcast: the model is down after ceil(log2(M+1)) turns") {
  for (const int M : {1, 2, 3, 4, 5, 7, 8}) {
    INFO(M);
    json source = even(M, "broadcast");
    source["platform"]["server_bandwidth"] = "1GBps";
    expect_rounds_of(source, std::ceil(std::log2(M + 1)) * way(bytes(12)) + compute(M) + way(bytes(12)));
  }
  // 8 hosts are busy in every turn, and the 7 uploads begin at once: they share the server's link.
  expect_rounds_of(even(7, "broadcast"), 3 * way(bytes(12)) + compute(7) + way(7 * bytes(12)));
}

TEST_CASE("tree: the depth times a link's share, both ways") {
  for (const int M : {1, 2, 5})  // a chain
    expect_rounds_of(even(M, {{"type", "tree"}, {"arity", 1}}), 2 * M * way(bytes(12)) + compute(M));
  expect_rounds_of(even(6, "tree"), 4 * way(2 * bytes(12)) + compute(6));
  expect_rounds_of(even(12, {{"type", "tree"}, {"arity", 3}}), 4 * way(3 * bytes(12)) + compute(12));
  // As many children as workers: the parameter server.
  json flat = even(5, {{"type", "tree"}, {"arity", 5}});
  const Rows tree = rows_on_a_network(flat);
  flat.erase("collective");
  CHECK(std::stod(tree.back()[sim_time]) == Approx(std::stod(rows_on_a_network(flat).back()[sim_time])).epsilon(1e-12));
}

TEST_CASE("a tree on two tiers sends one message over each rack's uplink, each way") {
  json source = even(6, {{"type", "tree"}, {"arity", 3}});
  source["platform"] = {{"type", "two-tier"},     {"racks", 2},        {"worker_speed", "1Mf"},
                        {"bandwidth", "1MBps"},   {"latency", "10ms"}, {"uplink_bandwidth", "50kBps"},
                        {"uplink_latency", "5ms"}};
  const double uplink = latency + 0.005, b = bytes(12);
  expect_rounds_of(source, 2 * (uplink + b / 5e4) + 2 * way(2 * b) + compute(6));
  source.erase("collective");
  expect_rounds_of(source, 2 * (uplink + 3 * b / 5e4) + compute(6));

  // Whatever the arity, and in sites as well as in racks.
  for (const int arity : {1, 2, 3, 7}) {
    const std::vector<std::size_t> racks{4, 4, 4, 0, 0, 9, 9, 9, 9, 4};
    const Collective tree = collective_of({{"type", "tree"}, {"arity", arity}}, racks);
    RoundPlan plan;
    plan.sum = {Adds::reals, 12, 64};
    for (int m = 0; m < 10; ++m) plan.shares.push_back({m, 1, 768});
    std::vector<int> out(10), in(10);
    int up = 0;
    for (const auto& [from, to, step] : sends(tree.script(plan, 768))) {
      const auto place = [&](int host) { return host == 10 ? 8 : racks[static_cast<std::size_t>(host)]; };
      up += step.up;
      if (place(from) == place(to)) continue;
      if (step.up) ++out[place(from)];
      if (!step.up) ++in[place(to)];
    }
    CHECK(up == 10);
    for (const std::size_t rack : {0, 4, 9}) CHECK((out[rack] == 1 && in[rack] == 1));
  }
}

TEST_CASE("a ring crosses each rack's uplink with one flow each way") {
  json source = even(6, "ring-allreduce");
  source["platform"] = {{"type", "two-tier"},     {"racks", 2},        {"worker_speed", "1Mf"},
                        {"bandwidth", "1MBps"},   {"latency", "10ms"}, {"uplink_bandwidth", "50kBps"},
                        {"uplink_latency", "5ms"}};
  // Every chunk crosses both uplinks on its way round; the slowest neighbours set the pace.
  expect_rounds_of(source, compute(6) + 10 * (2 * latency + 2 * 0.005 + bytes(2) / 5e4));
}

TEST_CASE("uploads are the messages on the way to the sum, downloads those on the way back, every hop of them") {
  const std::uint64_t d = 12, bits = 64 * d;
  const auto gd = [&](int M, const json& collective) { return rows_untimed(even(M, collective)); };
  const auto check = [&](const Rows& rows, std::uint64_t up, std::uint64_t up_bits, std::uint64_t down,
                         std::uint64_t down_bits) {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      CHECK(count(rows, k, uploads) == k * up);
      CHECK(count(rows, k, upload_bits) == k * up_bits);
      CHECK(count(rows, k, downloads) == k * down);
      CHECK(count(rows, k, download_bits) == k * down_bits);
      CHECK(count(rows, k, wire_up) == k * (up_bits / 8 + 64 * up));
      CHECK(count(rows, k, wire_down) == k * (down_bits / 8 + 64 * down));
    }
  };
  for (const json& one_each : {json("parameter-server"), json("broadcast"), json("tree")})
    check(gd(5, one_each), 5, 5 * bits, 5, 5 * bits);
  check(gd(4, "ring-allreduce"), 4 * 3, 3 * bits, 4 * 3, 3 * bits);
  check(gd(5, "ring-allreduce"), 5 * 4, 4 * bits, 5 * 4, 4 * bits);  // chunks of 2 and 3 entries, and no padding
  check(gd(8, "recursive-doubling"), 8 * 3, 8 * 3 * bits, 0, 0);
  check(gd(6, "recursive-doubling"), 2 + 4 * 2, 10 * bits, 2, 2 * bits);
  check(gd(1, "ring-allreduce"), 0, 0, 0, 0);
  // 12 entries on 15 workers: the chunks that are empty are not sent.
  check(gd(15, "ring-allreduce"), 12 * 14, 14 * bits, 12 * 14, 14 * bits);
}

TEST_CASE("votes are counted on the way: ceil(log2(m+1)) bits an entry for m of them, one bit for the verdict") {
  const std::uint64_t d = 12;
  const json votes = {{"method", "mh-signsgd"}, {"batch", 2}};
  const auto up = [&](int M, const json& collective, const json& entry) {
    return count(rows_untimed(even(M, collective, entry)), 1, upload_bits);
  };
  const auto down = [&](int M, const json& collective, const json& entry) {
    return count(rows_untimed(even(M, collective, entry)), 1, download_bits);
  };
  const json chain = {{"type", "tree"}, {"arity", 1}};
  CHECK(up(5, chain, votes) == d * (1 + 2 + 2 + 3 + 3));
  CHECK(down(5, chain, votes) == d * 5);
  CHECK(up(4, "ring-allreduce", votes) == d * (1 + 2 + 2));
  CHECK(down(4, "ring-allreduce", votes) == d * 3);
  CHECK(up(8, "recursive-doubling", votes) == 8 * d * (1 + 2 + 3));
  // Their magnitudes, or MH's confidence, are one sum, whatever the number of votes.
  for (const json& numbered : {json{{"method", "scaled-majority-vote"}, {"batch", 2}, {"step", 0.1}},
                               json{{"method", "mh-signsgd-adaptive"}, {"batch", 2}}}) {
    CHECK(up(5, chain, numbered) == d * (1 + 2 + 2 + 3 + 3) + 5 * 64);
    CHECK(up(4, "ring-allreduce", numbered) == d * (1 + 2 + 2) + 3 * 64);
    CHECK(down(4, "ring-allreduce", numbered) == d * 3 + 3 * 64);
  }
  // So is the sum of signs of signSGD without a vote; there the model comes down.
  CHECK(up(5, chain, {{"method", "signgd"}}) == d * (1 + 2 + 2 + 3 + 3));
  CHECK(down(5, chain, {{"method", "signgd"}}) == d * 64 * 5);
}

TEST_CASE("SCAFFOLD's two vectors and local models are sums as well") {
  const json scaffold = {{"method", "scaffold"}, {"batch", 2}, {"H", 2}, {"step", 0.01}};
  CHECK(count(rows_untimed(even(4, "tree", scaffold)), 1, upload_bits) == 4 * 2 * 64 * 12);
  CHECK(count(rows_untimed(even(4, "ring-allreduce", scaffold)), 1, upload_bits) == 3 * 2 * 64 * 12);
  const json local = {{"method", "local-sgd"}, {"batch", 2}, {"H", 2}, {"step", 0.01}};
  CHECK(count(rows_untimed(even(4, "recursive-doubling", local)), 1, upload_bits) == 8 * 64 * 12);
}

namespace {

// A partial sum as an encoder would write it.
std::uint64_t written_bits(const SumCode& code, int workers, const std::set<Index>& filled, Index length, bool first) {
  Message message;
  {
    BitWriter out(message, code.w == 32 ? Wire::float32 : Wire::float64);
    const int index = std::bit_width(static_cast<std::uint64_t>(length) - 1);
    if (code.adds == Adds::reals)
      for (Index i = 0; i < code.vectors * length; ++i) out.real(1);
    if (code.adds == Adds::signs)
      for (Index i = 0; i < length; ++i)
        out.bits(static_cast<std::uint64_t>(workers), static_cast<int>(std::ceil(std::log2(workers + 1))));
    if (code.adds == Adds::entries) {
      const auto sparse = filled.size() * static_cast<std::uint64_t>(code.w + index);
      const bool whole = sparse > static_cast<std::uint64_t>(code.w * length);
      out.bits(whole ? ~std::uint32_t{0} : filled.size(), 32);
      for (Index i = 0; whole && i < length; ++i) out.real(1);
      for (const Index i : filled) {
        if (whole) break;
        out.bits(static_cast<std::uint64_t>(i), index);
        out.real(1);
      }
    }
    if (code.adds == Adds::drawn)
      for (std::size_t i = 0; i < filled.size(); ++i) out.real(1);
    for (int i = 0; first && i < code.numbers; ++i) out.real(1);
  }
  return message.bits;
}

}  // namespace

TEST_CASE("a partial sum, written down, has the bits that are counted") {
  Rng rng(1, Purpose::data);
  for (const Adds adds : {Adds::reals, Adds::signs, Adds::entries, Adds::drawn})
    for (const int bits : {32, 64})
      for (const int numbers : {0, 1})
        for (const Index length : {1, 2, 7, 64, 100})
          for (const int workers : {1, 2, 3, 4, 7, 8, 1000}) {
            std::set<Index> filled;
            for (Index i = 0; i < length; ++i)
              if (rng.uniform() < 0.5) filled.insert(i);
            for (const bool first : {true, false})
              for (const int vectors : {1, 2}) {
                if (vectors == 2 && adds != Adds::reals) continue;
                const SumCode code{adds, length, bits, vectors, numbers};
                CHECK(code.bits(workers, length, static_cast<Index>(filled.size()), first) ==
                      written_bits(code, workers, filled, length, first));
              }
          }
}

TEST_CASE("unions of sparse messages grow on their way, and are counted as they are") {
  // Sets of entries, and by brute force the union that each message holds.
  constexpr int M = 6, d = 50;
  Rng rng(7, Purpose::data);
  std::vector<std::vector<Index>> entries(M);
  for (auto& one : entries)
    for (Index i = 0; i < d; ++i)
      if (rng.uniform() < 0.15) one.push_back(i);
  for (const Adds adds : {Adds::entries, Adds::drawn}) {
    RoundPlan plan;
    plan.sum = {adds, d, 32};
    for (int m = 0; m < M; ++m) plan.shares.push_back({m, 1, 1000 + static_cast<std::uint64_t>(m)});
    const auto bits_of = [&](const std::vector<int>& workers, Index start, Index end) {
      std::set<Index> filled;
      for (const int m : workers)
        for (const Index i : entries[static_cast<std::size_t>(m)])
          if (i >= start && i < end) filled.insert(i - start);
      return written_bits(plan.sum, static_cast<int>(workers.size()), filled, end - start, start == 0);
    };
    const auto up = [&](const json& collective) {
      const Collective c = collective_of(collective);
      plan.partial_bits = c.partial_bits(plan, entries);
      plan.measured_in = c.arrangement;
      std::multiset<std::uint64_t> out;
      for (const auto& sent : sends(c.script(plan, 1)))
        if (sent.step.up) out.insert(sent.step.bits);
      return out;
    };
    std::multiset<std::uint64_t> chain, ring, doubling;
    for (int m = M - 1; m >= 0; --m) {  // w5 -> w4 -> ... -> w0 -> server
      std::vector<int> below;
      for (int i = m; i < M; ++i) below.push_back(i);
      chain.insert(m == M - 1 ? 1000 + M - 1 : bits_of(below, 0, d));
    }
    for (int c = 0; c < M; ++c)
      for (int s = 1; s < M; ++s) {
        std::vector<int> behind;
        for (int i = 0; i < s; ++i) behind.push_back((c + i) % M);
        if (const auto bits = bits_of(behind, d * c / M, d * (c + 1) / M)) ring.insert(bits);
      }
    // 1 -> 0 and 3 -> 2 with what is theirs; {0,1} <-> {2,3}, 4 <-> 5; {0..3} <-> {4,5}.
    for (const auto bits : {std::uint64_t{1001}, std::uint64_t{1003}, std::uint64_t{1004}, std::uint64_t{1005},
                            bits_of({0, 1}, 0, d), bits_of({2, 3}, 0, d)})
      doubling.insert(bits);
    for (int i = 0; i < 2; ++i) {
      doubling.insert(bits_of({0, 1, 2, 3}, 0, d));
      doubling.insert(bits_of({4, 5}, 0, d));
    }
    CHECK(up({{"type", "tree"}, {"arity", 1}}) == chain);
    CHECK(up("ring-allreduce") == ring);
    CHECK(up("recursive-doubling") == doubling);
  }
}

TEST_CASE("the supports that are counted are those of the round's messages") {
  const json top_k = {{"method", "topk-ams"}, {"batch", 2}, {"k", 3}, {"step", 0.01}};
  const json all_of_it = {{"method", "topk-ams"}, {"batch", 2}, {"k", 12}, {"step", 0.01}};
  const json chain = {{"type", "tree"}, {"arity", 1}};
  const std::uint64_t own = 3 * (64 + 4), dense = 32 + 64 * 12;
  const Rows rows = rows_untimed(even(5, chain, top_k));
  for (std::size_t k = 1; k < rows.size(); ++k) {
    const auto bits = count(rows, k, upload_bits) - count(rows, k - 1, upload_bits);
    CHECK(bits >= own + 4 * (32 + own));
    CHECK(bits <= own + 4 * dense);
  }
  // With every entry kept, all unions are whole vectors.
  CHECK(count(rows_untimed(even(5, chain, all_of_it)), 1, upload_bits) == 12 * (64 + 4) + 4 * dense);
  // rand-k: who draws what is known; with all entries drawn, values alone.
  const json rand_k = {{"method", "stoc-unif-ams"}, {"batch", 2}, {"k", 12}, {"step", 0.01}};
  CHECK(count(rows_untimed(even(5, chain, rand_k)), 1, upload_bits) == 5 * 64 * 12);
}

TEST_CASE("a subtree in which all are silent sends a notice, and a sum takes no part of a silent worker") {
  const auto plan_of = [](const std::vector<int>& senders) {
    RoundPlan plan;
    plan.sum = {Adds::reals, 12, 64};
    for (int m = 0; m < 6; ++m) plan.shares.push_back({m, 1, {}});
    for (const int m : senders) plan.shares[static_cast<std::size_t>(m)].upload_bits = 768;
    return plan;
  };
  const auto payloads = [](const Script& script, bool up) {
    std::set<std::pair<int, int>> out;
    for (const auto& sent : sends(script))
      if (sent.step.up == up && sent.step.payload) out.emplace(sent.from, sent.to);
    return out;
  };
  // server(6) - 0, 1; 0 - 2, 3; 1 - 4, 5
  const Collective tree = collective_of("tree");
  using Hops = std::set<std::pair<int, int>>;
  CHECK(payloads(tree.script(plan_of({5}), 768), true) == Hops{{5, 1}, {1, 6}});
  CHECK(payloads(tree.script(plan_of({0, 2}), 768), true) == Hops{{2, 0}, {0, 6}});
  CHECK(payloads(tree.script(plan_of({}), 768), true).empty());
  CHECK(sends(tree.script(plan_of({}), 768)).size() == 12);  // the model down, notices up
  // In a ring, a chunk's sum is empty until it meets the sender.
  const Script ring = collective_of("ring-allreduce").script(plan_of({2}), 768);
  std::size_t full = 0, empty = 0;
  for (const auto& sent : sends(ring))
    if (sent.step.up) ++(sent.step.payload ? full : empty);
  CHECK(full == 5 + 4 + 3 + 2 + 1);
  CHECK(empty == 15);
  CHECK(payloads(ring, false).size() == 6);
}

TEST_CASE("lazy workers in a tree and a ring: notices take their time, or are free, and change nothing else") {
  const json lazy = {{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 2}}}, {"memory", "difference"}};
  for (const json& collective : every_collective) {
    INFO(collective.dump());
    json source = even(6, collective, lazy);
    source["stop"]["rounds"] = 4;
    const Rows with = rows_on_a_network(source);
    source["network"]["skip_notice"] = false;
    const Rows without = rows_on_a_network(source);
    const auto duration = [](const Rows& rows, std::size_t k) {
      return std::stod(rows[k + 1][sim_time]) - std::stod(rows[k][sim_time]);
    };
    for (const std::size_t k : {1, 3}) {
      CHECK(duration(without, k) < duration(with, k));
      CHECK(count(with, k + 1, uploads) == count(with, k, uploads));
      CHECK(count(without, k + 1, wire_up) == count(without, k, wire_up));
      const bool ring = collective == "ring-allreduce", doubling = collective == "recursive-doubling";
      CHECK(count(with, k + 1, wire_up) - count(with, k, wire_up) == header * (ring ? 30 : doubling ? 10 : 6));
      // A round of silence is the model's way down and the slowest worker's computing; without a server, that alone.
      if (ring || doubling) CHECK(duration(without, k) == Approx(compute(6)).epsilon(1e-9));
    }
    for (std::size_t k = 0; k < with.size(); ++k)
      for (const auto column : {loss, grad_norm, uploads, upload_bits, downloads, download_bits, flops})
        CHECK(with[k][column] == without[k][column]);
  }
}

TEST_CASE("without a header, a notice is still a message of one byte") {
  json source = even(4, "ring-allreduce",
                     {{"method", "gd"}, {"trigger", {{"type", "every"}, {"H", 1000}}}, {"memory", "difference"}});
  source["network"]["header"] = 0;
  const Rows rows = rows_on_a_network(source);
  CHECK(std::stod(rows[2][sim_time]) - std::stod(rows[1][sim_time]) == Approx(compute(4) + 6 * way(1)).epsilon(1e-9));
}

TEST_CASE("unequal workers: nothing overtakes, nothing hangs") {
  // Messages that arrive before they are wanted wait for their turn.
  for (const json& collective : every_collective) {
    for (const int M : {2, 3, 7}) {
      INFO(collective.dump() << " " << M);
      json source = even(M, collective, {{"method", "topk-ams"}, {"batch", 2}, {"k", 2}, {"step", 0.01}});
      const json lockstep = [&] {
        json out = source;
        out["platform"] = {{"type", "none"}};
        return out;
      }();
      source["platform"] = {{"type", "star"},
                            {"worker_speed", {{"type", "log-normal"}, {"median", "1Mf"}, {"sigma", 3}}},
                            {"bandwidth", {{"type", "log-uniform"}, {"min", "1kBps"}, {"max", "30MBps"}}},
                            {"latency", {{"type", "exponential"}, {"mean", "20ms"}}}};
      const Rows timed = rows_on_a_network(source), untimed = csv(rows_of(scenario_of(lockstep)));
      REQUIRE(timed.size() == untimed.size());
      for (std::size_t k = 0; k < timed.size(); ++k)
        for (const auto column :
             {loss, grad_norm, uploads, downloads, upload_bits, download_bits, wire_up, wire_down, flops})
          CHECK(timed[k][column] == untimed[k][column]);
    }
  }
}

TEST_CASE("a replay of a collective's rounds writes what a live run writes") {
  for (const json& collective : every_collective) {
    for (const json& entry : {json{{"method", "topk-ams"}, {"batch", 2}, {"k", 3}, {"step", 0.01}},
                              json{{"method", "marina"}, {"k", 3}, {"p", 0.3}}, json{{"method", "lag-wk"}},
                              json{{"method", "mh-signsgd"}, {"batch", 2}}}) {
      INFO(collective.dump() << " " << entry.dump());
      json source = even(5, collective, entry);
      source["stop"]["rounds"] = 12;
      const Scenario s = scenario_of(source);
      const std::string live = in_child([&] { return rows_of(s); });
      const std::string replayed = in_child([&] {
        Method method = s.make_method(0);
        const Trace trace = learn(
            method, s.problem, s.record, s.cluster.wire, [] { return false; }, s.cluster.pattern());
        std::FILE* file = std::tmpfile();
        replay_job(s, 0, trace, s.cluster, file, {});
        std::rewind(file);
        std::string out;
        for (int c; (c = std::fgetc(file)) != EOF;) out += static_cast<char>(c);
        std::fclose(file);
        return out;
      });
      CHECK(csv(live).size() == 13);
      CHECK(live == replayed);
    }
  }
}

TEST_CASE("sums that were measured in one tree say nothing of another, and those that do not grow serve all") {
  RoundPlan plan;
  for (int m = 0; m < 4; ++m) plan.shares.push_back({m, 1, 100});
  const auto runs = [&](const json& collective, std::vector<std::size_t> racks) {
    try {
      collective_of(collective, std::move(racks)).script(plan, 1);
      return std::string("runs");
    } catch (const RunError& e) {
      return std::string(e.what());
    }
  };
  const auto refusal = [](const std::string& name) {
    return "what was learned under another collective, or with workers in other racks, does not say how long the sums "
           "of collective \"" +
           name + "\" are: only a live run knows";
  };
  CHECK(runs("tree", {}) == refusal("tree"));  // the parameter server's plan
  CHECK(runs("broadcast", {}) == "runs");
  plan.sum = {Adds::signs, 12, 32};
  for (const json& collective : every_collective) CHECK(runs(collective, {}) == "runs");
  plan.sum = {Adds::entries, 12, 32};
  const Collective measured = collective_of("tree", {0, 0, 1, 1});
  plan.partial_bits = measured.partial_bits(plan, {{1}, {2}, {3}, {4}});
  plan.measured_in = measured.arrangement;
  CHECK(runs("tree", {0, 0, 1, 1}) == "runs");
  CHECK(runs("tree", {0, 0, 0, 1}) == refusal("tree"));
  CHECK(runs("tree", {}) == refusal("tree"));
  CHECK(runs({{"type", "tree"}, {"arity", 3}}, {0, 0, 1, 1}) == refusal("tree"));
  CHECK(runs("ring-allreduce", {}) == refusal("ring-allreduce"));
}

TEST_CASE("a sweep over racks and collectives writes what runs of its points write") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("laconic-collectives-" + std::to_string(getpid()));
  fs::create_directories(folder);
  json source = even(6, "tree", {{"method", "topk-ams"}, {"batch", 2}, {"k", 3}, {"step", 0.01}});
  source["platform"] = {{"type", "two-tier"}, {"racks", 2}, {"latency", "1ms"}};
  json sweep = source;
  sweep["sweep"] = {{"/collective", {"tree", "ring-allreduce"}},
                    {"/platform/latency", {"1ms", "5ms"}},
                    {"/platform/racks", {1, 2, 3}}};
  std::ofstream(folder / "s.json") << sweep;
  const std::string command = std::string(LACONIC_BINARY) + " sweep s.json --out r --progress never > log 2>&1";
  REQUIRE(std::system(("cd '" + folder.string() + "' && " + command).c_str()) == 0);
  std::ifstream file(folder / "r/trajectory.csv");
  std::string line, swept;
  std::getline(file, line);
  while (std::getline(file, line)) {
    for (int i = 0; i < 3; ++i) line = line.substr(line.find(',') + 1);
    swept += line + '\n';
  }
  std::string live;
  for (const char* collective : {"tree", "ring-allreduce"})
    for (const char* latency_there : {"1ms", "5ms"})
      for (const int racks : {1, 2, 3}) {
        source["collective"] = collective;
        source["platform"]["latency"] = latency_there;
        source["platform"]["racks"] = racks;
        live += in_child([&] { return rows_of(scenario_of(source)); });
      }
  CHECK(live == swept);
  fs::remove_all(folder);
}

TEST_CASE("what a collective cannot carry is refused with the reason") {
  const auto refusal = [](const json& collective, const json& entry) {
    const std::string text = error(even(4, collective, entry));
    const std::string prefix = "test.json: /algorithms/0/";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  };
  const std::string adds = ", and collective \"tree\" adds uploads up on their way";
  CHECK(refusal("tree", {{"method", "qgd"}, {"bits", 4}}) ==
        "compressor: the sum of \"qsgd\" messages is no \"qsgd\" message" + adds);
  CHECK(refusal("tree", {{"method", "ef-signgd"}}) ==
        "compressor: the sum of \"scaled-sign\" messages is no \"scaled-sign\" message" + adds);
  CHECK(refusal("tree", {{"method", "onebit-adam"}, {"batch", 2}, {"step", 0.1}, {"warm_up", 2}}) ==
        "method: after its warm-up it sends scaled signs, whose sum is no scaled sign" + adds);
  CHECK(refusal("tree", {{"method", "marina"}, {"p", 0.5}, {"compressor", "qsgd"}, {"bits", 4}}) ==
        "compressor: a sum of Q's messages is no such message" + adds);
  CHECK(
      refusal("tree", {{"method", "gd"},
                       {"compressor", {{"type", "top-k"}, {"k", 2}}},
                       {"trigger", {{"type", "every"}, {"H", 2}}}}) ==
      "trigger: for a silent worker, which \"every\" allows, the server reuses its latest vector, and in a sum these are "
      "not held apart (memory \"difference\" needs their sum alone)" +
          adds);
  CHECK(refusal("tree", {{"method", "gd"},
                         {"compressor", {{"type", "rand-k"}, {"k", 2}}},
                         {"memory", "difference"},
                         {"trigger", {{"type", "every"}, {"H", 2}}}}) ==
        "trigger: \"every\" leaves open who sends, without which a sum of \"rand-k\" messages cannot be read" + adds);
  for (const char* passes : {"tree", "broadcast"})
    CHECK(refusal(passes, {{"method", "lag-ps"}}) == "participation: \"lag-ps\" leaves workers out, and collective \"" +
                                                         std::string(passes) + "\" has every worker pass the model on");
  for (const char* together : {"ring-allreduce", "recursive-doubling"})
    CHECK(refusal(together, {{"method", "fedavg"}, {"batch", 2}, {"H", 2}, {"step", 0.1}, {"clients", 2}}) ==
          "participation: \"sampled\" leaves workers out, and collective \"" + std::string(together) +
              "\" needs them all");
  CHECK(refusal("ring-allreduce", {{"method", "scaffold"}, {"batch", 2}, {"H", 2}, {"step", 0.1}, {"clients", 2}}) ==
        "clients: they leave workers out, and collective \"ring-allreduce\" needs them all");
  CHECK(
      refusal("ring-allreduce", {{"method", "gd"}, {"downlink", {{"type", "top-k"}, {"k", 2}}}}) ==
      "downlink: it compresses a model on its way down, and collective \"ring-allreduce\" sends none: its workers take "
      "the step on copies of their own");
  CHECK(refusal("tree", {{"method", "gd"}, {"downlink", {{"type", "top-k"}, {"k", 2}}}}) == "no error");
  CHECK(refusal("broadcast", {{"method", "qgd"}, {"bits", 4}}) == "no error");
}

TEST_CASE("a collective's own mistakes") {
  json source = small_scenario();
  source["collective"] = "trie";
  CHECK(error(source) ==
        "test.json: /collective: expected \"broadcast\", \"parameter-server\", \"recursive-doubling\", "
        "\"ring-allreduce\" or \"tree\", or an object with such a \"type\", got \"trie\"");
  source["collective"] = {{"type", "tree"}, {"arity", 0}};
  CHECK(error(source) == "test.json: /collective/arity: expected a whole number from 1 to 1000000, got 0");
  source["collective"] = {{"type", "ring-allreduce"}, {"arity", 2}};
  CHECK(error(source) ==
        "test.json: /collective: \"arity\" means nothing to the collective ring-allreduce; it reads \"type\"");
  source["collective"] = {{"arity", 2}};
  CHECK(error(source).find("test.json: /collective: missing \"type\"") == 0);

  source = small_scenario();
  source["collective"] = "ring-allreduce";
  source["workers"] = 2000;
  CHECK(error(source) ==
        "test.json: /collective: a ring of 2000 workers takes 7996000 messages a round: expected at most 1000 workers");

  // Two racks without latency inside, and a way with some between them.
  source = even(4, "ring-allreduce");
  source["platform"] = {{"type", "two-tier"}, {"racks", 2}, {"latency", 0}, {"uplink_latency", "1ms"}};
  CHECK(
      error(source) ==
      "test.json: /collective: latency 0 from worker-0 to worker-1, and up to 0.002 s elsewhere: where flows meet, they "
      "share in proportion to 1/latency, which 0 has not: give every way of the platform a latency, such as \"1us\", or "
      "none (as over the air of Wi-Fi)");
  source.erase("collective");
  CHECK(error(source) == "no error");
}
