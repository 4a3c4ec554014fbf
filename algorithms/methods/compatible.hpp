#pragma once

#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

/// Throws InputError where parts cannot work together, and says which and why. The parts are asked what they do; their
/// names serve the message alone.
void refuse_incompatible(const Setup& scenario, Params& in, const Slots& slots);

}  // namespace laconic::methods
