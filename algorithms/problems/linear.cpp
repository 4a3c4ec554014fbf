#include "algorithms/problems/linear.hpp"

#include <fmt/format.h>

#include "algorithms/problems/values.hpp"

namespace laconic::problems {

using namespace data;

LinearOptions read_linear_options(Params& in, L2 l2) {
  LinearOptions o;
  constexpr const char* meaning = "(l2/2) ||theta||^2 is part of each f_m";
  if (l2 == L2::optional) o.l2 = in.number("l2", 0, non_negative, meaning);
  if (l2 == L2::required) o.l2 = in.number("l2", {}, positive, meaning);
  o.nonconvex = in.number("nonconvex", 0, non_negative, "lambda: lambda sum_i theta_i^2/(1+theta_i^2) is part of f_m");
  o.objective = read_reduction(in, "objective", "sum", "how the workers' f_m make up f");
  o.reduction = read_reduction(in, "reduction", "sum", "how a worker's samples make up f_m");
  const auto precision = in.choice("precision", "float64", {"float64", "float32"},
                                   "in which samples are stored and multiplied; the model is float64");
  if (precision == "float32") o.precision = Precision::float32;
  return o;
}

ProblemPlan linear_plan(const LinearOptions& o, double bound, PrepareLabels labels) {
  ProblemPlan plan;
  plan.prepare = [float32 = o.precision == Precision::float32, labels = std::move(labels)](Dataset& data,
                                                                                           Dataset* test) {
    check_values(data, float32);
    if (test) check_values(*test, float32);
    labels(data, test);
  };
  plan.law = {bound, o.reduction == Reduction::mean, o.regulariser().smoothness()};
  if (o.nonconvex > 0)
    plan.no_optimum = fmt::format(
        "/problem/nonconvex: expected 0, as loss_gap needs a convex problem, whose minimum can be certain, got {}",
        o.nonconvex);
  else if (o.l2 == 0)
    plan.no_optimum = "/problem/l2: expected a positive number, as loss_gap needs a unique optimum, got 0";
  return plan;
}

RowsOf<float> in_float32(const Rows& x) {
  return std::visit([](const auto& rows) -> RowsOf<float> { return rows.template cast<float>().eval(); }, x);
}

void round_to_float32(Rows& x) {
  std::visit([](auto& rows) { rows = rows.template cast<float>().template cast<double>().eval(); }, x);
}

const Rows* in_float64(const RowsOf<float>& x, Rows& wider) {
  std::visit([&](const auto& rows) { wider = rows.template cast<double>().eval(); }, x);
  return &wider;
}

void set_smoothness(Problem& p, std::span<const WeightedRows> blocks, double bound, const LinearOptions& options) {
  const double own = options.regulariser().smoothness();
  const auto M = static_cast<double>(blocks.size());
  for (const auto& block : blocks) p.L_m.push_back(bound * largest_gram_eigenvalue({&block, 1}) + own);
  const double all = bound * largest_gram_eigenvalue(blocks);
  p.L = p.objective == Reduction::mean ? all / M + own : all + own * M;
}

}  // namespace laconic::problems
