#pragma once

#include <Eigen/QR>
#include <cmath>

#include "algorithms/core/setup.hpp"

namespace laconic {

/// v as a p x q matrix V, filled up with zeros: P = orthonormalised V Q, Q = V' P, decoded P Q'; w r (p + q) bits. One
/// power iteration from the last Q. Vogels, Karimireddy, Jaggi: "PowerSGD", NeurIPS 2019. Difference from the paper:
/// there the workers average P before they form Q; here each worker factorises its own vector, and the server adds the
/// products.
class LowRank final : public Compressor {
 public:
  LowRank(Index d, Index rank, Index rows, std::uint64_t seed)
      : d_(d), rank_(rank), p_(rows), q_((d + rows - 1) / rows), V_(Matrix::Zero(p_, q_)), Q_(q_, rank) {
    Rng rng(seed, Purpose::start);  // every worker starts alike
    for (double& x : Q_.reshaped()) x = rng.normal();
  }

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    V_.reshaped().head(d_) = v;
    const Eigen::HouseholderQR<Matrix> qr(V_ * Q_);
    P_ = qr.householderQ() * Matrix::Identity(p_, rank_);
    const Matrix Q = V_.transpose() * P_;
    if (Q.allFinite() && Q.squaredNorm() > 0) Q_ = Q;  // a vector that is nothing leaves no direction to start from
    out.reals(std::span(P_.data(), static_cast<std::size_t>(P_.size())));
    out.reals(std::span(Q.data(), static_cast<std::size_t>(Q.size())));
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    Matrix P(p_, rank_), Q(q_, rank_);
    in.reals(std::span(P.data(), static_cast<std::size_t>(P.size())));
    in.reals(std::span(Q.data(), static_cast<std::size_t>(Q.size())));
    const Matrix product = P * Q.transpose();
    v = product.reshaped().head(d_);
  }

 private:
  using Matrix = Eigen::MatrixXd;
  Index d_, rank_, p_, q_;
  mutable Matrix V_, P_, Q_;  // Q: where the next power iteration starts
};

inline PerWorker<Compressor> low_rank(const Setup& s, Params& in) {
  const auto square = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(s.d()))));
  const Index rows = in.look("rows", "ceil(sqrt(d))", "a whole number from 1 to d", "of the matrix that v is read as")
                         ? in.count("rows", {}, 1, "of the matrix that v is read as", s.d())
                         : square;
  const Index columns = (s.d() + rows - 1) / rows;
  const Index rank = in.count("rank", 1, 1, "of the approximation", 1'000'000);
  if (rank > std::min(rows, columns)) in.fail("rank", "at most the matrix's smaller side");
  return [=, d = s.d(), seed = s.round.seed](int) { return std::make_unique<LowRank>(d, rank, rows, seed); };
}

}  // namespace laconic
