#pragma once

#include "algorithms/core/problem.hpp"
#include "algorithms/core/upload_sums.hpp"

namespace laconic {

/// The parts of an upload, one for each of the problem's layers, last layer first: a layer's gradient is known once the
/// backward pass is through it, and the upload's part with it. `bits` are the layers' sizes in parameter order, or
/// proportional to them; empty: as many for each entry. Of several local `steps` all but the last are over by then.
std::vector<UploadPart> upload_parts(const Problem& problem, const std::vector<std::uint64_t>& bits = {},
                                     Round steps = 1);

}  // namespace laconic
