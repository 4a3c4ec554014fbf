#include "sim/scenario/check_finite.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/error.hpp"

namespace laconic::scenario {
namespace {

bool finite(double loss, const Vector& gradient) { return std::isfinite(loss) && std::isfinite(gradient.norm()); }

// ", as with sample 3 of worker 1 alone"
std::string guilty(const Problem& problem, const Vector& theta) {
  constexpr Index searched = 10'000'000;
  Vector g(problem.d);
  for (std::size_t m = 0; m < problem.workers.size(); ++m) {
    const Oracle& f_m = *problem.workers[m];
    if (f_m.samples() > searched) continue;
    for (std::int32_t i = 0; i < f_m.samples(); ++i) {
      const double loss = f_m.loss(theta, Batch{{&i, 1}, 1, false}, &g);
      if (!finite(loss, g)) return fmt::format(", as with sample {} of worker {} alone", i + 1, m);
    }
  }
  return "";
}

}  // namespace

void check_smoothness(const Problem& problem, const std::string& file) {
  std::string of;
  for (std::size_t m = 0; m < problem.L_m.size() && of.empty(); ++m)
    if (!std::isfinite(problem.L_m[m])) of = fmt::format("L_{} = {} (worker {})", m, problem.L_m[m], m);
  if (of.empty() && !std::isfinite(problem.L)) of = fmt::format("L = {}", problem.L);
  if (!of.empty())
    throw InputError(
        fmt::format("{}: /problem: the smoothness constant overflows: {}: expected smaller values", file, of));
}

void check_start(const Problem& problem, const Vector& theta, const std::string& where) {
  Vector g;
  const double loss = problem.loss(theta, &g);
  if (finite(loss, g)) return;
  throw InputError(
      fmt::format("{}: at the first model the loss is {} and its gradient's norm {}{}: expected finite numbers", where,
                  loss, g.norm(), guilty(problem, theta)));
}

}  // namespace laconic::scenario
