#pragma once

#include <string>

#include "sim/scenario/scenario.hpp"

namespace laconic::commands {

/// The graphs over which the scenario's methods without a server talk: degrees, diameter, spectral gap and who uses
/// them. Empty if there is no such method.
std::string graph_report(const scenario::Scenario& scenario);

}  // namespace laconic::commands
