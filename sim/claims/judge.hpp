#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/results/reading.hpp"
#include "sim/scenario/claim.hpp"

namespace laconic::claims {

enum class Outcome { holds, fails, undecided };
extern const char* const outcome_names[3];

/// A claim, judged at one point of a sweep: by the median over its seeds and, where there are several, the bootstrap
/// interval of that median.
struct Verdict {
  Outcome outcome = Outcome::undecided;
  std::vector<std::string> point;          ///< as Results::swept; empty: the same at all points
  results::Known of, times, ratio;         ///< ratio: what lies within the bounds; without `times`, `of` itself
  std::optional<results::Known> range;     ///< of the ratio over seeds, if there are several
  std::optional<results::Known> interval;  ///< of the ratio, if there are several seeds and their median decides
  std::size_t seeds = 0;                   ///< that do not decide it, though each of them is decided
  std::optional<double> slope;             ///< converges: of the metric's decimal logarithm, a round
  std::string why;                         ///< where undecided
};

/// Judges a claim at every point it speaks of; one verdict if all are alike. Throws InputError
/// if an algorithm that it names has no run there.
std::vector<Verdict> judge(const scenario::Claim& claim, const results::Results& results);

/// How the first to a target stands to all others, the least decided of them: nobody was there; it was before them by
/// more than 5 % and by all that its seeds tell; equal to three digits; within 5 %; not decided by the seeds.
enum class Standing { nobody, first, tied, close, undecided };
extern const char* const standing_names[5];

/// Who was first to a target, by the simulated clock.
struct First {
  std::vector<std::string> point = {};
  std::string algorithm = {}, second = {};  ///< empty: nobody was there
  double time = 0;                          ///< s, the median over seeds
  double margin = 0;                        ///< the second's time in units of the first's
  Standing standing = Standing::nobody;
  std::size_t seeds = 0;               ///< the first's
  std::vector<std::string> open = {};  ///< whom the seeds do not put behind the first
};
std::vector<First> first_to(const results::Reading& target, const results::Results& results);

}  // namespace laconic::claims
