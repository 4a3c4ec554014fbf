#include "algorithms/problems/problem.hpp"

#include <algorithm>

namespace laconic {

Reduction read_reduction(Params& in, const char* key, const char* fallback, const char* meaning) {
  return in.choice(key, fallback, {"sum", "mean"}, meaning) == "sum" ? Reduction::sum : Reduction::mean;
}

double Problem::L_max() const { return *std::max_element(L_m.begin(), L_m.end()); }

double Problem::loss(const Vector& theta, Vector* gradient) const {
  double f = 0;
  Vector g(gradient ? d : 0);
  if (gradient) gradient->setZero(d);
  for (const auto& f_m : workers) {
    f += f_m->loss(theta, Batch{{}, f_m->samples(), true}, gradient ? &g : nullptr);
    if (gradient) *gradient += g;
  }
  if (objective == Reduction::sum) return f;
  if (gradient) *gradient /= M();
  return f / M();
}

}  // namespace laconic
