#pragma once

#include "platforms/platform.hpp"

namespace laconic::platforms {

inline constexpr char file_picture[] = R"(
        any SimGrid platform in XML      "server": a host's name (default: the first)
                                         "workers": a list of M names, or a pattern such as "node-*", of which the
                                         first M that are not the server's (default: "*"). The order is natural:
                                         node-2 before node-10. Everyone has a host of their own.)";

/// A platform from a file in SimGrid's XML. (https://simgrid.org/doc/latest/Platform_reference.html)
BuildPlatform xml_file(Params& in, const PlatformContext& context);

/// Lists the names of a file's hosts in natural order. Throws InputError if SimGrid cannot read it.
std::vector<std::string> hosts_in(const std::filesystem::path& xml, const NetworkModel& network);

}  // namespace laconic::platforms
