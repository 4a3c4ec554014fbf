#pragma once

#include <optional>
#include <string>
#include <vector>

namespace laconic::results {

/// The swept values of one pointer, as an axis of a map has them.
struct SweptValues {
  std::string pointer;
  std::vector<std::string> texts;  ///< as in the tables: by their sizes if they are `sized`, else in the file's order
  bool sized = false;              ///< they are quantities of one kind

  /// "mean latency" of /platform/mean_latency
  std::string title() const;
  /// "10 ms" of 10ms; "reuse after 20 ms" of a block of the scenario.
  std::string label(std::size_t place) const;
};

/// `texts`: each value once, in the order in which they were met. analysis/quantities.py agrees.
SweptValues swept_values(const std::string& pointer, std::vector<std::string> texts);

}  // namespace laconic::results
