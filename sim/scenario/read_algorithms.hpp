#pragma once

#include <functional>

#include "algorithms/methods/compose.hpp"
#include "sim/rounds/collectives/collective.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

struct AlgorithmEntry {
  std::string label;
  std::string method;
  std::string pointer;  ///< "/algorithms/2"
  nlohmann::json entry;
};

/// "algorithms" as they stand, for what was checked before.
std::vector<AlgorithmEntry> list_algorithms(const Source& source);

/// Reads "algorithms", makes each once and asks whether it goes with the collective (nullptr: the parameter server).
/// Throws InputError with the first mistake of each.
std::vector<AlgorithmEntry> read_algorithms(const Source& source,
                                            const std::function<Method(const AlgorithmEntry&)>& make,
                                            const rounds::Collective* collective);

/// Their labels, in order.
std::vector<std::string> labels_of(const std::vector<AlgorithmEntry>& algorithms);

}  // namespace laconic::scenario
