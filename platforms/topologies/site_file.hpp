#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace laconic::platforms {

/// What a file says it measured between sites. Entry [i][j] is from site i to site j.
struct SiteFile {
  std::vector<std::string> sites;              ///< in order of appearance; without names in the file "0", "1", ...
  std::vector<std::vector<double>> delay;      ///< seconds, 0 on the diagonal; -1: not measured
  std::vector<std::vector<double>> bandwidth;  ///< bytes per second; empty: none in the file
  bool round_trip = false;                     ///< whether the file calls its delays round-trip times
};

/// Reads one of two forms, plain or compressed (gzip, bzip2, xz), whose fields may be quoted as in CSV:
/// - comma-separated pairs under a header such as "region_a,region_b,delay_ms,bandwidth_gbps": two columns of names,
///   then delay_ms, latency_ms or rtt_ms, and perhaps bandwidth_gbps or bandwidth_mbps (bits). A pair given once is
///   both ways alike;
/// - a square matrix of round-trip times in ms, separated by blanks, commas or semicolons, perhaps with the sites'
/// names
///   in a first line, in the first column, or in both in one order. An empty field, - or * is a pair not measured.
///   What stands on the diagonal is not read.
/// Throws InputError "<path>:<line>: ..." at the first mistake.
SiteFile read_sites(const std::filesystem::path& path);

}  // namespace laconic::platforms
