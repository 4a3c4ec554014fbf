#pragma once

#include <string>

#include "platforms/built/survey.hpp"

namespace laconic::platforms {

/// Two workers of which the first sends to the second, without a server between them.
struct Talk {
  std::size_t from, to;
  bool both_ways;
};

/// A GraphViz graph of the paths between the server and the workers: hosts, links, and points where links meet. Where
/// the paths do not say how links meet (SimGrid's routes are lists of links, in any order), links are boxes instead.
/// At most `most` workers are drawn; the caption says so.
/// `talks` are drawn over it, as broken lines.
std::string dot_of(const Survey& survey, const std::string& title, std::size_t most = 48,
                   const std::vector<Talk>& talks = {});

/// A link's label, such as "100 Mbps, 10 ms".
std::string link_words(const Survey::Link& link);

}  // namespace laconic::platforms
