#pragma once

#include <string>
#include <vector>

namespace laconic::commands {

/// What one compressor's real encoder and decoder take here, on one core.
struct CodecTimes {
  std::string name;
  double encode = 0, decode = 0;  ///< s an entry: the median over runs
};

/// Measures every compressor of the registry on a vector of so many normal numbers, with k = 1 % and 4 bits, rank 4.
std::vector<CodecTimes> measure_codecs(long entries, int runs);

/// What was measured, as a table, or as the "codecs" of a scenario.
std::string codec_table(const std::vector<CodecTimes>& times);
std::string codec_profile(const std::vector<CodecTimes>& times);

}  // namespace laconic::commands
