#include "sim/rounds/collectives/patterns.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace laconic::rounds {
namespace {

// Finds the host that each worker receives from and sends to. A parent's number is below its child's, or the server's.
std::vector<int> tree_parents(int M, int arity, const std::vector<std::size_t>& racks) {
  const auto above = [&](int i) { return (i - 1) / arity; };  // in the tree of 0, 1, 2, ...
  std::vector<int> parent;
  if (racks.empty()) {
    for (int m = 0; m < M; ++m) parent.push_back(m < arity ? M : above(m + 1) - 1);
    return parent;
  }
  std::unordered_map<std::size_t, std::size_t> number;  // racks are numbered as workers first stand in them
  std::vector<std::vector<int>> members;
  for (int m = 0; m < M; ++m) {
    const auto [at, is_new] = number.emplace(racks[static_cast<std::size_t>(m)], members.size());
    if (is_new) members.emplace_back();
    auto& rack = members[at->second];
    const int place = static_cast<int>(rack.size());
    rack.push_back(m);
    const int head_above = is_new ? above(static_cast<int>(members.size())) : 0;  // 0: the server
    parent.push_back(!is_new           ? rack[static_cast<std::size_t>(above(place))]
                     : head_above == 0 ? M
                                       : members[static_cast<std::size_t>(head_above) - 1].front());
  }
  return parent;
}

}  // namespace

void write_broadcast(ScriptWriter& out, const Collective&) {
  const int M = out.workers();
  const auto host = [&](int rank) { return rank == 0 ? out.server() : rank - 1; };
  for (int have = 1; have <= M; have *= 2) {
    std::vector<Hop> hops;
    for (int r = 0; r < std::min(have, M + 1 - have); ++r) hops.push_back({host(r), host(r + have)});
    out.pass_on(hops, true);
  }
  out.compute();
  for (int m = 0; m < M; ++m) out.add_up({{m, out.server()}});
}

void write_tree(ScriptWriter& out, const Collective& tree) {
  const int M = out.workers();
  const auto parent = tree_parents(M, tree.arity, tree.racks);
  const auto above = [&](int m) { return parent[static_cast<std::size_t>(m)]; };
  for (int m = 0; m < M; ++m) out.pass_on({{above(m), m}}, false);
  out.compute();
  for (int m = M - 1; m >= 0; --m) out.add_up({{m, above(m)}});
}

void write_ring_allreduce(ScriptWriter& out, const Collective&) {
  const int M = out.workers();
  out.cut(M);
  out.compute();
  const auto step = [&](int first) {  // worker m sends chunk m + first
    std::vector<Hop> hops;
    for (int m = 0; m < M; ++m) hops.push_back({m, (m + 1) % M, ((m + first) % M + M) % M});
    return hops;
  };
  for (int s = 0; s < M - 1; ++s) out.add_up(step(-s));
  for (int s = 0; s < M - 1; ++s) out.hand_back(step(1 - s));
}

void write_recursive_doubling(ScriptWriter& out, const Collective&) {
  const int M = out.workers(), P = static_cast<int>(std::bit_floor(static_cast<unsigned>(M))), more = M - P;
  const auto worker = [&](int rank) { return rank < more ? 2 * rank : rank + more; };
  std::vector<Hop> before, after;
  for (int i = 0; i < more; ++i) {
    before.push_back({2 * i + 1, 2 * i});
    after.push_back({2 * i, 2 * i + 1});
  }
  out.compute();
  out.add_up(before);
  for (int distance = 1; distance < P; distance *= 2) {
    std::vector<Hop> hops;
    for (int r = 0; r < P; ++r) hops.push_back({worker(r), worker(r ^ distance)});
    out.add_up(hops);
  }
  out.hand_back(after);
}

}  // namespace laconic::rounds
