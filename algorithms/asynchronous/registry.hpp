#pragma once

#include <span>

#include "algorithms/asynchronous/compose.hpp"
#include "algorithms/base/named_table.hpp"

namespace laconic::asynchronous {

/// The asynchronous methods, sorted by name. Their names and those of methods::methods() are one list to a scenario.
std::span<const AsynchronousEntry> asynchronous_methods();

}  // namespace laconic::asynchronous
