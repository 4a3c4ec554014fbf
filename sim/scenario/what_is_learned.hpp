#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

// What a scenario's learning depends on: a record of it holds wherever that is the same.

namespace laconic::scenario {

/// The pointer to the first deadline that decides what is learned ("late" of an entry or of "conditions"), so that no
/// record of it holds on another network; nothing if there is none.
std::optional<std::string> first_deadline(const nlohmann::json& source);

/// The pointer to the first algorithm that is asynchronous, so that no record of it holds on another network; nothing
/// if there is none.
std::optional<std::string> first_asynchronous(const nlohmann::json& source);

/// Whether the platform's racks decide who talks to whom on a graph.
bool racks_decide(const nlohmann::json& source);

/// Whether the scenario states how long a step or a codec takes, so that how many flops that is depends on the
/// platform's hosts.
bool speeds_decide(const nlohmann::json& source);

/// Whether some algorithm's uploads meet on their way, so that what is sent depends on who stands where.
bool has_collective(const nlohmann::json& source);

/// Whether each network needs a run of its own: the simulated time decides what is learned, or how much of it, or
/// actors do the learning.
bool time_decides(const nlohmann::json& source);

/// What of a scenario its rows depend on where time decides nothing, but for the times in them: all but names,
/// comments, claims, the platform (unless racks_decide or speeds_decide), and of the network all but the wire.
nlohmann::json learning_part(nlohmann::json source);

/// Digest of what of a scenario the plans and metrics of its rounds depend on: its learning part without "record", and
/// of "stop" the rounds alone.
std::string learned_digest(const nlohmann::json& source);

/// A pointer to where what `before` and `after` learn differs; nothing if a record of the one holds for the other.
std::optional<std::string> learned_difference(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace laconic::scenario
