#pragma once

#include <string>

namespace laconic {

// Quantities for people, in the units of scenarios: three digits, so that two may read alike.

std::string rate_words(double bytes_per_second);  ///< "100 Mbps"
std::string speed_words(double flops);            ///< "10 Gf"
std::string time_words(double seconds);           ///< "1.5 ms"

}  // namespace laconic
