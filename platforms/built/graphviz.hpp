#pragma once

#include <string>

#include "platforms/built/survey.hpp"

namespace laconic::platforms {

/// A GraphViz graph of the paths between the server and the workers: hosts, links, and points where links meet. Where
/// the paths do not say how links meet (SimGrid's routes are lists of links, in any order), links are boxes instead.
/// At most `most` workers are drawn; the caption says so.
std::string dot_of(const Survey& survey, const std::string& title, std::size_t most = 48);

/// A link's label, such as "100 Mbps, 10 ms".
std::string link_words(const Survey::Link& link);

}  // namespace laconic::platforms
