#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace laconic::scenario {

/// What of a scenario its learning depends on: all but names, comments, claims, the platform, and of the network all
/// but the wire.
nlohmann::json learning_part(nlohmann::json source);

/// Whether what is learned depends on the simulated time, so that each network needs a run of its own.
bool time_decides(const nlohmann::json& source);

/// Digest of what of a scenario plans and metrics of its rounds depend on: its learning part without
/// "record", and of "stop" the rounds alone.
std::string learned_digest(const nlohmann::json& source);

}  // namespace laconic::scenario
