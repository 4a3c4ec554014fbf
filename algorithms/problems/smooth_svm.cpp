#include "algorithms/problems/smooth_svm.hpp"

#include "algorithms/problems/logistic.hpp"

namespace laconic {
namespace {

struct HuberHinge {
  static constexpr bool classifies = true;
  double h;

  template <bool with_loss>
  double slope(double z, double y, double& f) const {
    const double lack = 1 - y * z;
    if (lack <= 0) return 0;
    if (lack >= h) {
      if (with_loss) f += lack - h / 2;
      return -y;
    }
    if (with_loss) f += lack * lack / (2 * h);
    return -y * lack / h;
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
  ProblemPlan plan = linear_plan(options, 1 / h);
  plan.prepare = make_binary_labels;
  plan.make = [options, h](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    return make_smooth_svm(std::move(samples.shards), options, h, std::move(samples.test));
  };
  return plan;
}

}  // namespace laconic
