#pragma once

#include <fmt/format.h>
#include <Eigen/QR>
#include <cmath>

#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/compressors/identity.hpp"

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

// A layer's weights are a matrix, row by row; a layer of one column, such as biases, travels as it is. (PowerSGD,
// section 3)
inline PerWorker<Compressor> low_rank_layer(const Setup& s, Index rank) {
  const auto& layer = *s.layer;
  if (layer.rows == 1 || layer.cols == 1) return [d = s.d()](int) { return std::make_unique<Identity>(d); };
  return [=, d = s.d(), rank = std::min({rank, layer.rows, layer.cols}), seed = s.round.seed](int) {
    return std::make_unique<LowRank>(d, rank, layer.cols, seed);
  };
}

inline PerWorker<Compressor> low_rank(const Setup& s, Params& in) {
  const Index rank = in.count("rank", 1, 1, "of the approximation, or of each layer's", 1'000'000);
  const bool whole = in.look("rows", "the layers', or ceil(sqrt(d))", "a whole number from 1 to d",
                             "of the one matrix that v is read as");
  if (s.layer) return low_rank_layer(s, rank);
  if (!whole && !s.problem.blocks.empty()) {
    Index most = 1;
    for (const auto& layer : s.problem.blocks) most = std::max(most, std::min(layer.rows, layer.cols));
    if (rank > most) in.fail("rank", fmt::format("at most {}, the largest rank of a layer", most));
    return by_layer(s, [&](const Setup& own) { return low_rank_layer(own, rank); });
  }
  const auto square = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(s.d()))));
  const Index rows = whole ? in.count("rows", {}, 1, "of the one matrix that v is read as", s.d()) : square;
  const Index columns = (s.d() + rows - 1) / rows;
  if (rank > std::min(rows, columns)) in.fail("rank", "at most the matrix's smaller side");
  return [=, d = s.d(), seed = s.round.seed](int) { return std::make_unique<LowRank>(d, rank, rows, seed); };
}

}  // namespace laconic
