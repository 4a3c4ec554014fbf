#pragma once

#include <span>
#include <string>
#include <vector>

#include "algorithms/aggregators/sums.hpp"
#include "algorithms/methods/compose.hpp"

// Every name a scenario may use for a method or a part: sorted tables, one line an entry.

namespace laconic {

std::span<const MethodEntry> methods();
std::span<const PartEntry<Compressor>> compressors();
std::span<const PartEntry<Memory>> memories();
std::span<const PartEntry<Trigger>> triggers();
std::span<const PartEntry<Participation>> participations();
std::span<const PartEntry<Update>> updates();
std::span<const AggregateEntry> aggregates();

template <class Entry>
std::vector<std::string> names_of(std::span<const Entry> table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  return names;
}

/// The entry of that name, or nullptr.
template <class Entry>
const Entry* find(std::span<const Entry> table, const std::string& name) {
  for (const auto& entry : table)
    if (name == entry.name) return &entry;
  return nullptr;
}

}  // namespace laconic
