#pragma once

#include <string>
#include <vector>

namespace laconic {

// Quantities for people, in the units of scenarios: three digits, so that two may read alike.

std::string rate_words(double bytes_per_second);  ///< "100 Mbps"
std::string speed_words(double flops);            ///< "10 Gf"
std::string time_words(double seconds);           ///< "1.5 ms"

/// "1.25 Mbit", "3.4 GB", "12.5 ms", "21.7 min": for people.
std::string human(double value, const char* unit);
std::string human_time(double seconds);

/// How many columns a text takes on a terminal: UTF-8 continuation bytes take none.
std::size_t text_width(const std::string& text);

/// Columns aligned, the first to the left, the others to the right; numbers as text.
std::string aligned(std::vector<std::vector<std::string>> rows);

}  // namespace laconic
