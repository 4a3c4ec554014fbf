#pragma once

#include "algorithms/core/message.hpp"
#include "sim/network/cluster.hpp"
#include "sim/scenario/source.hpp"

namespace laconic::scenario {

/// Reads "network", "platform", "collective" and "conditions": all that says how messages travel and how long it takes.
/// Throws InputError.
network::ClusterPlan read_cluster(const Source& source);

/// Reads "wire" of "network": how real numbers travel, which is all that learning depends on there.
Wire read_wire(const Source& source);

}  // namespace laconic::scenario
