#pragma once

#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

/// Throws InputError where parts cannot work together, and says which and why. The parts are asked what they do; their
/// names serve the message alone.
void refuse_incompatible(const Setup& scenario, Params& in, const Slots& slots);

/// Throws InputError where a default step of 1/L, which suits gradients, would be taken along something of another
/// size.
void refuse_default_step(Params& in, const Defaults& defaults, const Slots& slots);

}  // namespace laconic::methods
