#pragma once

#include <cstdint>
#include <filesystem>

#include "algorithms/base/params.hpp"
#include "sim/network/conditions.hpp"

namespace laconic::scenario {

/// Reads "conditions". Names of hosts and links are looked up when the platform is built.
network::Conditions read_conditions(Params& in, int M, const platforms::NetworkModel& network,
                                    const std::filesystem::path& folder);

/// Reads the "stragglers" of conditions whose "seed" this is.
network::Stragglers read_stragglers(Params& in, int M, std::uint64_t seed, const std::filesystem::path& folder);

/// Reads the "late" of conditions, or of an algorithm's entry, which is "wait" where nothing is said.
void read_late(network::Conditions& out, Params& in);

/// Adds what a platform file says of one of its hosts or links.
void add_profile(network::Conditions& conditions, const platforms::ProfileFile& file);

/// Reads "watts" of a platform.
network::Conditions::Energy read_watts(Params& in);

}  // namespace laconic::scenario
