#include "algorithms/problems/smooth_svm.hpp"

#include "algorithms/problems/logistic.hpp"

namespace laconic::problems {

using namespace data;

namespace {

struct HuberHinge {
  static constexpr bool classifies = true;
  double h;

  // From the corner, where a margin lacks nothing, a parabola up to a lack of h, then the line that goes on from it.
  using Real = Simd<double>;
  template <bool with_loss>
  LACONIC_INLINE Real slope(Real z, Real y, Real& f) const {
    const Real margin = 1 - y * z, lack = select(margin <= 0, Real{}, margin);
    const Real curved = select(lack >= h, all_lanes(h), lack);
    if (with_loss) f += curved * (lack - curved / 2) / h;
    return -y * curved / h;
  }
  double curvature(double z, double y) const {
    const double lack = 1 - y * z;
    return lack > 0 && lack < h ? 1 / h : 0;
  }
  double bound() const { return 1 / h; }
};

}  // namespace

Problem make_smooth_svm(std::vector<Dataset> shards, const LinearOptions& options, double h,
                        std::optional<Dataset> test) {
  return make_linear(std::move(shards), std::move(test), options, HuberHinge{h});
}

ProblemPlan smooth_svm(Params& in, const ProblemContext&) {
  const double h = in.number("smoothing", 1, positive, "width h of the parabola that rounds the hinge");
  LinearOptions options = read_linear_options(in);
  ProblemPlan plan = linear_plan(options, 1 / h, make_binary_labels);
  plan.make = [options, h](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    options.smoothness = false;
    return make_smooth_svm(std::move(samples.shards), options, h, std::move(samples.test));
  };
  return plan;
}

}  // namespace laconic::problems
