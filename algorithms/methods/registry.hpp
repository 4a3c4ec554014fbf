#pragma once

#include <span>

#include "algorithms/aggregators/sums.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/methods/compose.hpp"

// Every name a scenario may use for a method or a part: sorted tables, one line an entry.

namespace laconic::methods {

std::span<const MethodEntry> methods();
std::span<const PartEntry<Compressor>> compressors();
std::span<const PartEntry<Memory>> memories();
std::span<const PartEntry<Trigger>> triggers();
std::span<const PartEntry<Participation>> participations();
std::span<const PartEntry<LocalUpdate>> local_updates();
std::span<const PartEntry<Update>> updates();
std::span<const aggregators::AggregateEntry> aggregates();

}  // namespace laconic::methods
