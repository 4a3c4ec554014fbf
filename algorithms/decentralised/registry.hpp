#pragma once

#include <span>

#include "algorithms/base/named_table.hpp"
#include "algorithms/decentralised/compose.hpp"

namespace laconic::decentralised {

/// The methods on a graph, sorted by name. Their names and those of methods::methods() are one list to a scenario.
std::span<const PeerEntry> peer_methods();

/// The asynchronous ones.
std::span<const ExchangeEntry> exchange_methods();

}  // namespace laconic::decentralised
