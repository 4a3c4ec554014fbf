#include "sim/rounds/collectives/patterns.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace laconic::rounds {
namespace {

// The workers of each rack; racks are numbered as workers first stand in them.
std::vector<std::vector<int>> members_of(const std::vector<std::size_t>& racks) {
  std::unordered_map<std::size_t, std::size_t> number;
  std::vector<std::vector<int>> members;
  for (std::size_t m = 0; m < racks.size(); ++m) {
    const auto [at, is_new] = number.emplace(racks[m], members.size());
    if (is_new) members.emplace_back();
    members[at->second].push_back(static_cast<int>(m));
  }
  return members;
}

// Finds the host that each worker receives from and sends to. A parent's number is below its child's, or the server's.
std::vector<int> tree_parents(int M, int arity, const std::vector<std::size_t>& racks) {
  const auto above = [&](int i) { return (i - 1) / arity; };  // in the tree of 0, 1, 2, ...
  std::vector<int> parent;
  if (racks.empty()) {
    for (int m = 0; m < M; ++m) parent.push_back(m < arity ? M : above(m + 1) - 1);
    return parent;
  }
  parent.resize(static_cast<std::size_t>(M));
  const auto members = members_of(racks);
  for (std::size_t g = 0; g < members.size(); ++g) {
    const auto& rack = members[g];
    const int head_above = above(static_cast<int>(g) + 1);  // 0: the server
    parent[static_cast<std::size_t>(rack.front())] =
        head_above == 0 ? M : members[static_cast<std::size_t>(head_above) - 1].front();
    for (std::size_t place = 1; place < rack.size(); ++place)
      parent[static_cast<std::size_t>(rack[place])] = rack[static_cast<std::size_t>(above(static_cast<int>(place)))];
  }
  return parent;
}

// A power of two of the workers, which are its ranks. Of the first 2 `more` workers, each odd one hands its part to its
// left neighbour before, and gets the result after.
struct Team {
  explicit Team(int M) : size(static_cast<int>(std::bit_floor(static_cast<unsigned>(M)))), more(M - size) {}

  int worker(int rank) const { return rank < more ? 2 * rank : rank + more; }
  std::vector<Hop> before(int chunks) const {
    std::vector<Hop> out;
    for (int i = 0; i < more; ++i) out.push_back({2 * i + 1, 2 * i, 0, chunks});
    return out;
  }
  std::vector<Hop> after(int chunks) const {
    std::vector<Hop> out;
    for (int i = 0; i < more; ++i) out.push_back({2 * i, 2 * i + 1, 0, chunks});
    return out;
  }

  int size, more;
};

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
  const Team team(out.workers());
  out.compute();
  out.add_up(team.before(1));
  for (int distance = 1; distance < team.size; distance *= 2) {
    std::vector<Hop> hops;
    for (int r = 0; r < team.size; ++r) hops.push_back({team.worker(r), team.worker(r ^ distance)});
    out.add_up(hops);
  }
  out.hand_back(team.after(1));
}

// Thakur, Rabenseifner, Gropp: "Optimization of collective communication operations in MPICH", IJHPCA 2005, section 4.
void write_halving_doubling(ScriptWriter& out, const Collective&) {
  const Team team(out.workers());
  const int P = team.size;
  out.cut(P);
  out.compute();
  out.add_up(team.before(P));
  const auto bit = [](int rank, int distance) { return (rank & distance) != 0; };
  // Which chunks a rank is left with when it has met those at distances below this one: the first, of P / distance.
  const auto first = [&](int rank, int distance) {
    int out_of = 0;
    for (int d = 1, half = P / 2; d < distance; d *= 2, half /= 2) out_of += bit(rank, d) ? half : 0;
    return out_of;
  };
  for (int distance = 1; distance < P; distance *= 2) {
    const int half = P / distance / 2;
    std::vector<Hop> hops;
    for (int r = 0; r < P; ++r)
      hops.push_back(
          {team.worker(r), team.worker(r ^ distance), first(r, distance) + (bit(r, distance) ? 0 : half), half});
    out.add_up(hops);
  }
  for (int distance = P / 2; distance > 0; distance /= 2) {
    std::vector<Hop> hops;
    for (int r = 0; r < P; ++r)
      hops.push_back({team.worker(r), team.worker(r ^ distance), first(r, 2 * distance), P / distance / 2});
    out.hand_back(hops);
  }
  out.hand_back(team.after(P));
}

void write_hierarchical(ScriptWriter& out, const Collective& collective) {
  const auto racks = members_of(collective.racks);
  const auto R = static_cast<int>(racks.size());
  const auto size = [](const auto& rack) { return static_cast<int>(rack.size()); };
  int h = out.workers(), longest = 0;
  for (const auto& rack : racks) h = std::min(h, size(rack)), longest = std::max(longest, size(rack));
  out.cut(h * R);
  out.compute();
  // In each rack, the chunk of head c goes from place c + `first` to the next one.
  const auto in_racks = [&](int step, int first) {
    std::vector<Hop> hops;
    for (const auto& rack : racks)
      for (int c = 0; c < h && step < size(rack) - 1; ++c) {
        const auto at = [&](int place) { return rack[static_cast<std::size_t>(place % size(rack))]; };
        hops.push_back({at(c + first), at(c + first + 1), c * R, R});
      }
    return hops;
  };
  // In the ring of each chunk's heads, that of rack r sends a part of it, r + `first`.
  const auto among_heads = [&](int first) {
    std::vector<Hop> hops;
    for (int c = 0; c < h; ++c)
      for (int r = 0; r < R; ++r) {
        const auto head = [&](int rack) {
          return racks[static_cast<std::size_t>(rack % R)][static_cast<std::size_t>(c)];
        };
        hops.push_back({head(r), head(r + 1), c * R + ((r + first) % R + R) % R});
      }
    return hops;
  };
  for (int s = 0; s < longest - 1; ++s) out.add_up(in_racks(s, s + 1));
  for (int s = 0; s < R - 1; ++s) out.add_up(among_heads(-s));
  for (int s = 0; s < R - 1; ++s) out.hand_back(among_heads(1 - s));
  for (int s = 0; s < longest - 1; ++s) out.hand_back(in_racks(s, s));
}

void write_all_gather(ScriptWriter& out, const Collective& collective) {
  const int M = out.workers();
  out.compute();
  if (collective.rings > 0) {
    for (int s = 0; s < M - 1; ++s) {
      std::vector<Bundle> bundles;
      for (int m = 0; m < M; ++m) bundles.push_back({m, (m + 1) % M, (m - s + M) % M, 1});
      out.gather(bundles, true);
    }
    return;
  }
  const Team team(M);
  // The workers whose messages are with ranks `first` to `first` + `ranks` are neighbours.
  const auto bundle = [&](int from, int to, int first, int ranks) {
    const int left = first < team.more ? 2 * first : first + team.more;
    const int end = first + ranks < team.more ? 2 * (first + ranks) : first + ranks + team.more;
    return Bundle{from, to, left, end - left};
  };
  std::vector<Bundle> bundles;
  for (const Hop& hop : team.before(1)) bundles.push_back({hop.from, hop.to, hop.from, 1});
  out.gather(bundles, true);
  for (int distance = 1; distance < team.size; distance *= 2) {
    bundles.clear();
    for (int r = 0; r < team.size; ++r)
      bundles.push_back(bundle(team.worker(r), team.worker(r ^ distance), r & ~(distance - 1), distance));
    out.gather(bundles, true);
  }
  bundles.clear();
  for (const Hop& hop : team.after(1)) bundles.push_back({hop.from, hop.to, hop.to + 1, M - 1});
  out.gather(bundles, false);
}

}  // namespace laconic::rounds
