#pragma once

#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

/// What collectives other than the parameter server may do with the uploads of a method composed of slots, and the
/// parts in which they are known.
Summation summation_of(const Setup& scenario, const Slots& slots);

/// Makes Summation::entries for uploads that begin with a message of `codec`.
std::function<void(Round k, int m, const Message& upload, std::vector<Index>& entries)> entries_of(
    const std::shared_ptr<const Compressor>& codec, const RoundOptions& options);

}  // namespace laconic::methods
