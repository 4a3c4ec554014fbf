#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "platforms/quantity.hpp"

namespace laconic::network {

/// How something changes with time: from each date on, a value; before the first, what the platform says.
struct Profile {
  std::vector<std::pair<double, double>> points;  ///< dates in seconds, which ascend, and the values from then on
  double period = 0;                              ///< s, after which it begins again; 0: the last value stays

  /// The value at this time; `before` is the value before the first date.
  double at(double time, double before) const;
};

/// What a profile is of, and which values it may take.
enum class Profiled { bandwidth, latency, speed, availability };

/// Reads the profile under `key`: a list of [date, value] with units, with "period" beside it; or text in SimGrid's
/// profile syntax (lines of "date value", and PERIODICITY or LOOPAFTER), inline or the name of a file with it. There,
/// an availability of -1 is 0.
Profile read_profile(Params& in, const std::string& key, Profiled of, const std::filesystem::path& folder,
                     const char* meaning);

/// Reads text in SimGrid's profile syntax. `where` begins every error message.
Profile profile_of(const std::string& text, Profiled of, const std::string& where);

/// Reads a file in SimGrid's profile syntax. `where` begins every error message.
Profile profile_in(const std::filesystem::path& file, Profiled of, const std::string& where);

/// Reads a measured bandwidth trace, lines of "seconds megabits-per-second", from the file under `key`, plain or
/// compressed. It begins again one mean step after its end. The profile's values are in bytes per second.
Profile read_measured(Params& in, const std::string& key, const std::filesystem::path& folder);

/// Reads a packet-delivery trace of mahimahi (Netravali et al., USENIX ATC 2015) from the file under `key`, plain or
/// compressed: on each line the ms at which a packet of 1500 bytes may leave. The trace begins again at its last date.
/// The profile is the mean rate, in bytes per second, over each "window" beside the key.
Profile read_mahimahi(Params& in, const std::string& key, const std::filesystem::path& folder);

}  // namespace laconic::network
