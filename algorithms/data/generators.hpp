#pragma once

#include "algorithms/data/sources.hpp"

namespace laconic::data {

/// LAG's workers of increasing smoothness: M blocks of `samples` standard Gaussian rows, block m rescaled so that
/// L_m = (1.3^{m-1} + 1)^2, m = 1..M, exactly. (Chen et al., NeurIPS 2018, section 4; LE's synthetic experiment.)
/// Labels are sign(x' u), u ~ N(0, I) the same for all workers, a share `noise` (default 0) of them flipped: the papers
/// do not say how theirs are drawn.
LoadData lag_synthetic(Params& in, const DataContext& context);

/// The samples of lag_synthetic, of which LE makes a row a worker: y_m' X_m. (Deng, Sun, Liu, Li, 2022, equation (34))
LoadData le_synthetic(Params& in, const DataContext& context);

/// `samples` standard Gaussian rows; labels sign(x' u) with u ~ N(0, I), a share `noise` of them flipped.
LoadData gaussian(Params& in, const DataContext& context);

/// `samples` sparse rows: each entry is there with probability `density` and then standard Gaussian; labels as above.
LoadData sparse_gaussian(Params& in, const DataContext& context);

/// Samples of the shape of UCI's Covertype (581012 x 54): 10 correlated Gaussian numbers, one of 4 areas (in
/// Covertype's shares), one of 40 soils (in shares that fall as 1/rank); labels by a random half-space with 24 %
/// flipped, about what a linear model errs on the real data. Nothing else of it is real.
LoadData covtype_like(Params& in, const DataContext& context);

/// Samples of the shape of the PASCAL challenge's epsilon (400000 x 2000): Gaussian rows scaled to norm 1, labels by a
/// random half-space with 10 % flipped, about what a linear model errs on the real data.
LoadData epsilon_like(Params& in, const DataContext& context);

}  // namespace laconic::data
