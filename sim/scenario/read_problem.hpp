#pragma once

#include "algorithms/problems/registry.hpp"
#include "sim/scenario/data_facts.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

/// Reads "problem", before its data are. Throws InputError.
problems::ProblemPlan read_problem(const Source& source);

/// Whether min f is computed: never, where it takes seconds, or whatever it takes.
enum class Optimum { no, if_cheap, yes };

struct ProblemAndData {
  Problem problem;
  DataFacts data;
};

/// Reads "data", if the problem learns from any, and builds the problem. Throws InputError.
ProblemAndData build_problem(const Source& source, const problems::ProblemPlan& plan, Optimum optimum);

}  // namespace laconic::scenario
