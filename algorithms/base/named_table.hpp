#pragma once

#include <span>
#include <string>
#include <vector>

// Tables of named entries: what a registry is, and how it is looked up.

namespace laconic {

/// The entries' names, in the table's order.
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
