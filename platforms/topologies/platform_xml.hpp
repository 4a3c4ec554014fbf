#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platforms/platform.hpp"

namespace laconic::platforms {

/// A platform file in SimGrid's XML, checked as far as SimGrid's own words about it would not help.
struct PlatformXml {
  bool speed = false;                 ///< whether hosts' speeds change, which SimGrid sees to
  std::vector<ProfileFile> profiles;  ///< the changes with time that Laconic sees to
  std::string text;                   ///< what SimGrid is to read instead of the file; empty: the file as it is
};

/// Reads a file, plain or compressed, with or without DOCTYPE and byte order mark.
/// - Every number and quantity of every element is checked, so that a mistake is told with element and attribute.
/// - The profiles of states, bandwidths and latencies, named by attributes or by <trace_connect>, are taken out.
/// - <config> is taken out; what contradicts `network` in it is refused. Without a network it is not looked at.
/// Throws InputError "<where>: <path>...".
PlatformXml read_platform_xml(const std::string& where, const std::filesystem::path& path, const NetworkModel* network);

}  // namespace laconic::platforms
