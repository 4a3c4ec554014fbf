#pragma once

#include <string>

#include "algorithms/core/problem.hpp"

namespace laconic::scenario {

/// What an algorithm of M workers keeps while it runs, in bytes: vectors of d numbers, at least five a worker (its
/// model, its gradient, what it wants to send and sent, the message) and four at the server. Lazy and
/// adaptive methods have up to ten.
double algorithm_bytes(Index d, int M);
/// That of an algorithm on this problem.
double algorithm_bytes(const Problem& problem);

/// Throws InputError "<where>: ..." if a scenario of this size, `bytes` beside what is held already, is more than the
/// memory that is available (memory.hpp).
void check_memory(double bytes, Index d, int M, const std::string& where);

}  // namespace laconic::scenario
