#include <algorithm>
#include <bit>
#include <set>

#include "tests/sim/collectives.hpp"

// What travels when sums are made on their way: its bits are counted as it grows.

using namespace laconic::tests;
using nlohmann::json;

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
