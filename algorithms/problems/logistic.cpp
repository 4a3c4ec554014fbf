#include "algorithms/problems/logistic.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace laconic::problems {

using namespace data;
void make_binary_labels(Dataset& data, Dataset* test) {
  std::set<double> classes;
  for (Index i = 0; i < data.y.size() && classes.size() <= 3; ++i) classes.insert(data.y[i]);
  if (classes.size() != 2) {
    std::string seen;
    for (double c : classes) seen += (seen.empty() ? "" : ", ") + (seen.size() > 40 ? "..." : data.label_text(c));
    throw InputError(fmt::format("{}: expected labels of exactly two classes, got {}: {}", data.name,
                                 classes.size() > 3 ? "more than 3" : fmt::format("{}", classes.size()), seen));
  }
  const double low = *classes.begin(), high = *classes.rbegin();
  for (double& y : data.y) y = y == high ? 1 : -1;
  if (!test) return;
  for (double& y : test->y) {
    if (y != low && y != high)
      throw InputError(fmt::format("{}: expected the training labels' classes {} and {}, got {}", test->name,
                                   data.label_text(low), data.label_text(high), test->label_text(y)));
    y = y == high ? 1 : -1;
  }
}

Problem make_logistic(std::vector<Dataset> shards, const LinearOptions& options, std::optional<Dataset> test) {
  return make_linear(std::move(shards), std::move(test), options, LogisticLoss{});
}

ProblemPlan logistic(Params& in, const ProblemContext&) {
  LinearOptions options = read_linear_options(in);
  ProblemPlan plan = linear_plan(options, LogisticLoss{}.bound(), make_binary_labels);
  plan.make = [options](Samples samples, bool optimum) mutable {
    options.optimum = optimum;
    options.smoothness = false;
    return make_logistic(std::move(samples.shards), options, std::move(samples.test));
  };
  return plan;
}

}  // namespace laconic::problems
