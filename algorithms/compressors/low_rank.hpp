#pragma once

#include <fmt/format.h>
#include <Eigen/QR>
#include <cmath>

#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/compressors/identity.hpp"

namespace laconic::compressors {

/// v as a p x q matrix V, filled up with zeros: P = orthonormalised V Q, Q = V' P, decoded P Q'; w r (p + q) bits. One
/// power iteration from the last Q, as in Vogels, Karimireddy, Jaggi: "PowerSGD", NeurIPS 2019. It is not that method,
/// whose workers average P before they form Q: here each worker factorises its own vector, and the server adds the
/// products.
class LowRank final : public Compressor {
 public:
  LowRank(Index d, Index rank, Index rows, std::uint64_t seed) : d_(d), rank_(rank), rows_(rows), seed_(seed) {}

  void encode(const Vector& v, Rng&, BitWriter& out) const override {
    begin();
    V_.reshaped().head(d_) = v;
    P_.noalias() = V_ * Q_;
    qr_.compute(P_);
    P_.setIdentity();
    qr_.householderQ().applyThisOnTheLeft(P_, workspace_, V_.rows() == rank_);
    next_.noalias() = V_.transpose() * P_;
    out.reals(all_of(P_));
    out.reals(all_of(next_));
    // A vector that is nothing leaves no direction to start from.
    if (next_.allFinite() && next_.squaredNorm() > 0) Q_.swap(next_);
  }

  void decode(BitReader& in, Rng&, Vector& v) const override {
    begin();
    in.reals(all_of(P_));
    in.reals(all_of(next_));
    V_.noalias() = P_ * next_.transpose();
    v = V_.reshaped().head(d_);
    V_.reshaped().tail(V_.size() - d_).setZero();
  }
  /// What is decoded is a projection of v, which may be nothing.
  std::optional<double> delta() const override { return 0; }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    return static_cast<std::uint64_t>(rank_ * (rows_ + columns())) * static_cast<std::uint64_t>(bits_of(wire));
  }

 private:
  using Matrix = Eigen::MatrixXd;
  static std::span<double> all_of(Matrix& A) { return {A.data(), static_cast<std::size_t>(A.size())}; }

  Index columns() const { return (d_ + rows_ - 1) / rows_; }
  void begin() const {
    if (V_.size() > 0) return;
    V_.setZero(rows_, columns());
    P_.resize(rows_, rank_);
    Q_.resize(columns(), rank_);
    next_ = Q_;
    qr_ = Eigen::HouseholderQR<Matrix>(rows_, rank_);
    workspace_.resize(rank_);
    Rng rng(seed_, Purpose::start);  // every worker starts alike
    for (double& x : Q_.reshaped()) x = rng.normal();
  }

  Index d_, rank_, rows_;
  std::uint64_t seed_;
  mutable Matrix V_, P_, Q_;  // Q: where the next power iteration starts
  mutable Matrix next_;
  mutable Eigen::HouseholderQR<Matrix> qr_;
  mutable Eigen::RowVectorXd workspace_;
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

}  // namespace laconic::compressors
