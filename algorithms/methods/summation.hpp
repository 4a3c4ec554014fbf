#pragma once

#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

/// What collectives other than the parameter server may do with the uploads of a method composed of slots.
Summation summation_of(const Setup& scenario, const Slots& slots);

}  // namespace laconic::methods
