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

/// Whether the method is one without rounds.
bool is_asynchronous(const std::string& method);
inline bool is_asynchronous(const AlgorithmEntry& algorithm) { return is_asynchronous(algorithm.method); }

/// "algorithms" as they stand, for what was checked before.
std::vector<AlgorithmEntry> list_algorithms(const Source& source);

/// Reads "algorithms", looks at each once, which tells what may become of its uploads, and asks whether it goes with
/// the collective (nullptr: the parameter server). Throws InputError with the first mistake of each.
std::vector<AlgorithmEntry> read_algorithms(const Source& source,
                                            const std::function<Summation(const AlgorithmEntry&)>& look,
                                            const rounds::Collective* collective);

/// Their labels, in order.
std::vector<std::string> labels_of(const std::vector<AlgorithmEntry>& algorithms);

}  // namespace laconic::scenario
