#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/run/run.hpp"

namespace laconic::tuning {

// What `laconic run` and `laconic sweep` do. A scenario with "tune" is tuned first, in the folder of its result, and
// its algorithms run with what was best; trials that are finished are kept until the result is there, so that whatever
// ended too early goes on. One with "seeds" is a sweep over as many of them as are enough. Each returns the exit code,
// and throws InputError.

int run(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options);
int sweep(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options);

/// `laconic tune`: the trials alone, and what is best, at each point of the scenario's sweep.
int tune(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario, const run::RunOptions& options);

/// For a scenario that is tuned, or has "seeds", finds what is wrong with any trial or seed, and returns words for how
/// many there are; "" for any other.
std::string check_trials(const std::filesystem::path& file, const scenario::ScenarioOptions& scenario);

}  // namespace laconic::tuning
