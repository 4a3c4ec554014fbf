#include "algorithms/problems/newton_system.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <limits>

namespace laconic::problems {
namespace {

constexpr Index small = 500, moderate = 2000;  // a factorisation of this order takes milliseconds, a second
constexpr Index few = 150;                     // singular values of this order take a second in long double
constexpr double affordable = 4e10;            // flops, some ten seconds

double power_of_two_near(double x) { return std::exp2(std::round(std::log2(x))); }

template <class Real>
using MatrixOf = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

// The triangle R of B = Q R, from that of B's rows so far and the next ones.
template <class Real>
void add_rows(MatrixOf<Real>& r, const RowMatrix& b) {
  const Index d = r.cols();
  MatrixOf<Real> both(d + b.rows(), d);
  both << r, b.cast<Real>();
  const Eigen::HouseholderQR<Eigen::Ref<MatrixOf<Real>>> qr(both);
  r = both.topRows(d).template triangularView<Eigen::Upper>();
}

}  // namespace

NewtonSystem::NewtonSystem(const Hessian& h, Effort effort) : h_(h) {
  scale_ = h.diagonal().unaryExpr([](double x) { return x > 0 ? 1 / power_of_two_near(std::sqrt(x)) : 0; });
  const auto d = static_cast<double>(scale_.size());
  const bool cheap = static_cast<double>(h.rows()) * d * d <= affordable;
  const Index most = effort == Effort::quick ? small : moderate;
  if (scale_.size() > most || !cheap) return;
  if (effort == Effort::quick || scale_.size() > small) factorise();
  if (factorised_ || scale_.size() > small) return;
  if (effort == Effort::thorough && scale_.size() <= few && static_cast<double>(h.rows()) * d * d <= affordable / 100)
    decompose<long double>();
  else
    decompose<double>();
  // What is below the rounding of doubles may be more than that of long double.
  if (effort == Effort::quick && deficient_) least_ = 0;
}

void NewtonSystem::factorise() {
  Eigen::MatrixXd scaled = (h_.shift() * scale_.cwiseAbs2()).asDiagonal();
  h_.each_rows(scale_, [&](const RowMatrix& b) { scaled.selfadjointView<Eigen::Lower>().rankUpdate(b.transpose()); });
  llt_.compute(scaled);  // reads the lower triangle
  if (llt_.info() != Eigen::Success || !(llt_.rcond() > 1e-13)) return;
  factorised_ = true;
  // The estimate of the norm of the inverse may be some times too small, and H itself is off by rounding.
  if (llt_.rcond() > 1e-8) least_ = llt_.rcond() / 10;
}

// In long double, features that are collinear have singular values far below those of features that are collinear but
// for the rounding of doubles.
template <class Real>
void NewtonSystem::decompose() {
  const Index d = scale_.size();
  MatrixOf<Real> r = (std::sqrt(h_.shift()) * scale_).template cast<Real>().asDiagonal();
  h_.each_rows(scale_, [&](const RowMatrix& b) { add_rows(r, b); });
  const Eigen::BDCSVD<MatrixOf<Real>> svd(r, Eigen::ComputeFullV);
  const auto& values = svd.singularValues();
  const Real rounding = 2 * std::numeric_limits<Real>::epsilon() * std::sqrt(static_cast<Real>(d)) * values[0];
  const Index kept = (values.array() > 2 * rounding).count();
  directions_ = svd.matrixV().leftCols(kept).template cast<double>();
  eigenvalues_ = values.head(kept).cwiseAbs2().template cast<double>();
  deficient_ = kept < d;
  if (kept > 0) least_ = static_cast<double>(std::pow(values[kept - 1] - rounding, 2));
}

Vector NewtonSystem::solve(const Vector& g) const {
  const Vector scaled = scale_.cwiseProduct(g);
  if (factorised_) return scale_.cwiseProduct(llt_.solve(scaled));
  if (directions_.size() > 0) {
    const Vector along = directions_.transpose() * scaled;
    return scale_.cwiseProduct(directions_ * along.cwiseQuotient(eigenvalues_));
  }
  return conjugate_gradients(g);
}

Vector NewtonSystem::conjugate_gradients(const Vector& g) const {
  const Vector scaled = scale_.cwiseProduct(g);
  const double tolerance = 1e-8 * scaled.norm();
  Vector x = Vector::Zero(g.size()), r = scaled, p = scaled;
  double rr = r.squaredNorm();
  // Exact arithmetic needs as many steps as B has rows or columns; where rounding needs many more, it gets nowhere.
  const Index most = 2 * std::min(g.size(), h_.rows()) + 100;
  for (Index i = 0; i < most && std::sqrt(rr) > tolerance; ++i) {
    const Vector hp = scale_.cwiseProduct(h_.times(scale_.cwiseProduct(p)));
    const double curvature = p.dot(hp);
    if (!(curvature > 0)) break;
    x += rr / curvature * p;
    r -= rr / curvature * hp;
    const double next = r.squaredNorm();
    p = r + next / rr * p;
    rr = next;
  }
  return scale_.cwiseProduct(x);
}

}  // namespace laconic::problems
