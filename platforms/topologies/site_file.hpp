#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace laconic::platforms {

/// What a file says it measured between sites.
struct SiteFile {
  std::vector<std::string> sites;              ///< in order of appearance; a matrix's are "0", "1", ...
  std::vector<std::vector<double>> delay;      ///< seconds, symmetric, 0 on the diagonal; -1: a pair without a line
  std::vector<std::vector<double>> bandwidth;  ///< bytes per second, symmetric; empty: none in the file
  bool round_trip = false;                     ///< whether the file calls its delays round-trip times
};

/// Reads one of two forms, plain or compressed (gzip, bzip2, xz):
/// - comma-separated pairs under a header such as "region_a,region_b,delay_ms,bandwidth_gbps": two columns of names,
/// then
///   delay_ms, latency_ms or rtt_ms, and perhaps bandwidth_gbps or bandwidth_mbps (bits);
/// - a square symmetric matrix of round-trip times in ms, separated by blanks or commas.
/// Throws InputError "<path>:<line>: ..." at the first mistake.
SiteFile read_sites(const std::filesystem::path& path);

}  // namespace laconic::platforms
