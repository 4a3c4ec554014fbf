#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace laconic::results {

/// What lies between the first to a target and the others.
enum class Lead {
  nobody,     ///< arrives in half of its seeds
  only,       ///< one method was run: there is nothing to decide
  first,      ///< one is first
  tied,       ///< the first ones are equal to three digits
  close,      ///< within 5 %
  undecided,  ///< another set of seeds might say otherwise
};

/// What one method paid. A seed that never arrived paid infinity, which is what a median knows of it.
struct Entrant {
  std::string label;
  double cost = 0, least = 0, most = 0;  ///< the median over seeds, and their range
  std::size_t arrived = 0, seeds = 0;
};

struct Decision {
  Lead lead = Lead::nobody;
  std::vector<Entrant> entries;  ///< the smallest median first; those who do not arrive last
  std::size_t level = 0;         ///< so many of the first are not told apart; 1: one is first, 0: nobody arrives
  double factor = 0;             ///< the next one's median by the first's; infinite where no other arrives
  double low = 0, high = 0;      ///< the interval of that factor over seeds
  struct Chance {
    double share, low, high;
  };
  std::optional<Chance> before = {};  ///< undecided: the probability that the first beats the next, and its interval

  /// Who is first, if that is decided; else empty.
  std::string winner() const;
};

/// One method's costs, by seed. Infinite: a miss.
using CostsBySeed = std::map<std::uint64_t, double>;

/// The verdict on each method's costs, of which less is better, in the order in which equals shall stand.
/// analysis/decide.py tells the rules and their sources, and comes to the same to the last bit, which a test holds both
/// to.
Decision decide(const std::vector<std::pair<std::string, CostsBySeed>>& costs);

}  // namespace laconic::results
