#include "algorithms/problems/least_squares.hpp"

#include "algorithms/problems/values.hpp"

namespace laconic::problems {

using namespace data;

namespace {

struct SquaredLoss {
  static constexpr bool classifies = false;
  using Real = Simd<double>;
  template <bool with_loss>
  LACONIC_INLINE Real slope(Real z, Real y, Real& f) const {
    if (with_loss) f += 0.5 * (z - y) * (z - y);
    return z - y;
  }
  double curvature(double, double) const { return 1; }
  double bound() const { return 1; }
};

ProblemPlan plan_of(LinearOptions o) {
  ProblemPlan plan = linear_plan(o, SquaredLoss{}.bound(), [](Dataset& data, Dataset*) { check_targets(data); });
  if (o.nonconvex == 0) plan.no_optimum.clear();  // the least squares are certain even where many theta have them
  plan.make = [o](Samples samples, bool optimum) mutable {
    o.optimum = optimum;
    o.smoothness = false;
    return make_least_squares(std::move(samples.shards), o);
  };
  return plan;
}

}  // namespace

Problem make_least_squares(std::vector<Dataset> shards, const LinearOptions& options) {
  return make_linear(std::move(shards), {}, options, SquaredLoss{});
}

ProblemPlan least_squares(Params& in, const ProblemContext&) {
  if (in.has("l2")) in.refuse("l2", "least squares have no regulariser: the \"ridge\" problem has");
  return plan_of(read_linear_options(in, L2::none));
}

ProblemPlan ridge(Params& in, const ProblemContext&) { return plan_of(read_linear_options(in, L2::required)); }

}  // namespace laconic::problems
