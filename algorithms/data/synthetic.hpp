#pragma once

#include "algorithms/data/sources.hpp"

namespace laconic {

/// LAG's workers of increasing smoothness: M blocks of `samples` standard Gaussian rows, block m rescaled so that
/// L_m = (1.3^{m-1} + 1)^2, m = 1..M, exactly. (Chen et al., NeurIPS 2018, section 4; LE's synthetic experiment.)
/// Labels are sign(x' u), u ~ N(0, I) the same for all workers, a share `noise` (default 0) of them flipped: the papers
/// do not say how theirs are drawn.
LoadData lag_synthetic(Params& in, const DataContext& context);

/// `samples` standard Gaussian rows; labels sign(x' u) with u ~ N(0, I), a share `noise` of them flipped.
LoadData gaussian(Params& in, const DataContext& context);

}  // namespace laconic
