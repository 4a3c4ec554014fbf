#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/base/params.hpp"

// Edges before they have weights.

namespace laconic::graphs {

/// What a graph is built for.
struct Facts {
  int M = 1;                       ///< nodes
  std::filesystem::path folder;    ///< where a relative file is looked up first
  std::vector<std::size_t> racks;  ///< each node's rack or site; empty: all stand in one
};

/// Whom each node sends to: ascending, without doubles, without the node itself.
using Lists = std::vector<std::vector<int>>;

/// Collects edges in any order. Doubles count once, and loops not at all, so that a torus of two rows or a ring of two
/// nodes needs no case of its own.
class Links {
 public:
  /// `where` is told, by InputError, when there are more than most_links.
  Links(int nodes, std::string where) : where_(std::move(where)), out_(static_cast<std::size_t>(nodes)) {}

  void one_way(int from, int to);
  void both_ways(int a, int b);
  Lists take();
  [[noreturn]] void refuse_size() const;

  /// A message a link and round: no more can be simulated, and they would fill the memory.
  static constexpr std::int64_t most_links = 20'000'000;

 private:
  std::string where_;
  std::int64_t count_ = 0;
  Lists out_;
};

/// Whether every node's word reaches every other, given time.
bool strongly_connected(const Lists& out);

// The kinds of graph: each reads its parameters and returns the lists of each phase. Errors are InputError.

std::vector<Lists> ring(Params& in, const Facts& facts);
std::vector<Lists> torus(Params& in, const Facts& facts);
std::vector<Lists> complete(Params& in, const Facts& facts);
std::vector<Lists> star(Params& in, const Facts& facts);
std::vector<Lists> path(Params& in, const Facts& facts);
std::vector<Lists> exponential(Params& in, const Facts& facts);
std::vector<Lists> one_peer_exponential(Params& in, const Facts& facts);
std::vector<Lists> hierarchical(Params& in, const Facts& facts);
std::vector<Lists> regular(Params& in, const Facts& facts);
std::vector<Lists> erdos_renyi(Params& in, const Facts& facts);
std::vector<Lists> small_world(Params& in, const Facts& facts);
std::vector<Lists> edge_list(Params& in, const Facts& facts);

}  // namespace laconic::graphs
