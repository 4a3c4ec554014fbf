#pragma once

#include "sim/results/columns.hpp"
#include "sim/scenario/claim.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

/// Reads "record" and "stop". `has_optimum`: whether loss_gap is recorded where "record" names no metrics. Throws
/// InputError.
results::RecordRules read_record(const Source& source, bool has_optimum);

/// Rules under which the rows hold, beside what they held, what claims read, and the summary says when claims' targets
/// were reached.
results::RecordRules watching(results::RecordRules rules, const std::vector<Claim>& claims);

/// Rules for a workload, of which no model can be measured. Throws InputError if a target or the rows are to hold a
/// metric.
results::RecordRules without_metrics(results::RecordRules rules, const Source& source);

/// Whether anything in the scenario speaks of loss_gap: known before the problem is built.
bool names_gap(const nlohmann::json& source);

}  // namespace laconic::scenario
