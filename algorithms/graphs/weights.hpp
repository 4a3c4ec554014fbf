#pragma once

#include <span>

#include "algorithms/base/params.hpp"
#include "algorithms/graphs/graph.hpp"
#include "algorithms/graphs/links.hpp"

namespace laconic::graphs {

/// A rule for the weights of edges; what is left of 1 is a node's own weight.
struct WeightRule {
  const char* name;
  bool directed;                                                       ///< whether directed graphs may have it
  double (*of)(std::size_t in_i, std::size_t in_j, std::size_t most);  ///< w_ij, of in-degrees and the greatest of them
  const char* summary;
};

std::span<const WeightRule> weight_rules();

/// Gives the edges weights by `rule`.
Graph weighted(std::string kind, const std::vector<Lists>& phases, const WeightRule& rule);

/// The value of "weights" as it stands; for describe, which shows it.
const nlohmann::json* look_at_weights(Params& in);

/// Reads "weights": a rule's name (default: metropolis, on directed graphs in-degree), or the matrix W itself, M lists
/// of M numbers whose rows sum to 1, to 1e-9, with w_ij != 0 just where j sends to i. Numbers may be negative, as
/// optimal weights can be (Xiao and Boyd, "Fast linear iterations for distributed averaging", 2004), where W^k still
/// converges to equal rows. Throws InputError.
Graph read_weights(Params& in, std::string kind, const std::vector<Lists>& phases);

}  // namespace laconic::graphs
