#include "sim/scenario/check_memory.hpp"

#include <fmt/format.h>

#include "algorithms/base/error.hpp"
#include "algorithms/base/memory.hpp"

namespace laconic::scenario {

double algorithm_bytes(Index d, int M) { return 8.0 * static_cast<double>(d) * (5.0 * M + 4); }

double algorithm_bytes(const Problem& problem) {
  return problem.workload ? 0 : algorithm_bytes(problem.d, problem.M());
}

void check_memory(double bytes, Index d, int M, const std::string& where) {
  if (const auto shortage = memory_shortage(bytes); !shortage.empty())
    throw InputError(fmt::format("{}: a model of d = {} numbers at M = {} workers{}: expected fewer of either", where,
                                 d, M, shortage));
}

}  // namespace laconic::scenario
