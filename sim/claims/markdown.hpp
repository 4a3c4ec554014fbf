#pragma once

#include <string>
#include <vector>

#include "sim/claims/verdict_text.hpp"

namespace laconic::claims {

/// What each scenario's paper says and what came out; a table of all claims; who was first to their targets on each
/// network; at what scale, and on which data.
std::string claims_markdown(const std::vector<Checked>& all);

}  // namespace laconic::claims
