#pragma once

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include "algorithms/base/simd.hpp"
#include "algorithms/core/oracle.hpp"
#include "algorithms/core/types.hpp"

// The two products of a gradient of linear scores, on a block of samples at a time: z_i = x_i' theta, then, while the
// block is still in the cache, g += sum_i s_i x_i. So the data come from memory once. How rows are grouped into blocks
// changes no result: every sum runs in the same order.

namespace laconic::problems {

template <class Real>
using DenseRowsOf = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using SparseRowsOf = Eigen::SparseMatrix<Real, Eigen::RowMajor, std::int32_t>;
/// Samples, one a row, as data/dataset.hpp's Rows, and in other precisions.
template <class Real>
using RowsOf = std::variant<DenseRowsOf<Real>, SparseRowsOf<Real>>;

/// The row number of a batch's j-th sample.
inline Index row_of(const Batch& xi, Index j) { return xi.full ? j : xi.rows[static_cast<std::size_t>(j)]; }

namespace detail {

/// Asks for *p's line of the second cache (the first is busy with the present rows); changes no result.
LACONIC_INLINE inline void fetch(const void* p) { __builtin_prefetch(p, 0, 1); }

/// Entries of a row from which on the next ones are fetched: the processor foresees shorter ones by itself.
inline constexpr Index far = 128;

/// z[r] = the sum of sum[r], lane by lane, then of the products of the last `rest` < 4 of d entries: four rows at a
/// time, each in its order.
template <std::size_t R>
LACONIC_INLINE inline void sums_of_rows(const Simd<double>* sum, const double* const* x, const double* theta, Index d,
                                        Index rest, double* z) {
  for (std::size_t r = 0; r < R; r += 4) {
    Simd<double> all{};
    for (const auto& column : transposed(sum + r)) all += column;
    if (rest > 0) {
      const Simd<double> t = load(theta + d - 4);
      Simd<double> last[4];
      for (std::size_t i = 0; i < 4; ++i) last[i] = load(x[r + i] + d - 4) * t;
      const auto column = transposed(last);
      if (rest > 2) all += column[1];
      if (rest > 1) all += column[2];
      all += column[3];
    }
    store<double>(z + r, all);
  }
}

/// z[r] = x[r]' theta for R rows of d entries, fetching the rows `next` on the way.
template <std::size_t R, class Real>
LACONIC_INLINE inline void scores(const Real* const* x, const Real* const* next, const Real* theta, Index d, Real* z) {
  constexpr Index line = 64 / sizeof(Real);
  Simd<Real> sum[R];
  for (auto& each : sum) each = Simd<Real>{};
  Index j = 0;
  const auto add = [&]() LACONIC_INLINE {
    const Simd<Real> t = load(theta + j);
    for (std::size_t r = 0; r < R; ++r) sum[r] += load(x[r] + j) * t;
  };
  while (j + line <= d) {
    if (d >= far)
      for (std::size_t r = 0; r < R; ++r) fetch(next[r] + j);
    for (const Index end = j + line; j < end; j += lanes<Real>) add();
  }
  for (; j + lanes<Real> <= d; j += lanes<Real>) add();
  if constexpr (std::is_same_v<Real, double> && R % 4 == 0)
    if (d >= lanes<Real>) return sums_of_rows<R>(sum, x, theta, d, d - j, z);
  for (std::size_t r = 0; r < R; ++r) {
    z[r] = sum_of<Real>(sum[r]);
    for (Index i = j; i < d; ++i) z[r] += x[r][i] * theta[i];
  }
}

/// g += sum_r s[r] x[r], fetching the rows `next` on the way.
template <std::size_t R, class Real>
LACONIC_INLINE inline void add_rows(const Real* const* x, const Real* const* next, const Real* s, Index d, Real* g) {
  constexpr Index line = 64 / sizeof(Real);
  Simd<Real> slope[R];
  for (std::size_t r = 0; r < R; ++r) slope[r] = all_lanes(s[r]);
  const auto sum_at = [&](Index j) LACONIC_INLINE {
    Simd<Real> sum = load(g + j);
    for (std::size_t r = 0; r < R; ++r) sum += load(x[r] + j) * slope[r];
    return sum;
  };
  Simd<Real> last{};  // before anything is stored, as it reads what others store
  if (d >= lanes<Real>) last = sum_at(d - lanes<Real>);
  Index j = 0;
  while (j + line <= d) {
    if (d >= far)
      for (std::size_t r = 0; r < R; ++r) fetch(next[r] + j);
    for (const Index end = j + line; j < end; j += lanes<Real>) store<Real>(g + j, sum_at(j));
  }
  for (; j + lanes<Real> <= d; j += lanes<Real>) store<Real>(g + j, sum_at(j));
  if (j == 0) {
    for (; j < d; ++j)
      for (std::size_t r = 0; r < R; ++r) g[j] += x[r][j] * s[r];
    return;
  }
  Real rest[lanes<Real>];
  store<Real>(rest, last);
  for (; j < d; ++j) g[j] = rest[lanes<Real> - (d - j)];
}

}  // namespace detail

/// On samples first, ..., first + count - 1 of a batch, count <= at_once() <= block.
template <class Real>
struct DenseProducts {
  static constexpr Index block = 32;
  const DenseRowsOf<Real>& x;

  /// Short rows all stay in the first cache, and more of them give the processor more that does not wait for the rest.
  Index at_once() const { return x.cols() < detail::far ? block : some; }

  struct Found {
    std::array<const Real*, block> row, next;  // next: used for long rows only
  };
  LACONIC_INLINE Found find(const Batch& xi, Index first, Index count) const {
    Found found;  // not cleared: that would take as long as the products of short rows
    const Index d = x.cols();
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      found.row[at] = found.next[at] = x.data() + row_of(xi, first + i) * d;
      if (d >= detail::far) found.next[at] = x.data() + row_of(xi, std::min(first + i + some, xi.size - 1)) * d;
    }
    return found;
  }

  template <bool wide>
  LACONIC_INLINE void scores(const Found& at, Index count, const Real* theta, Real* z) const {
    each<wide>(count, [&](auto rows, std::size_t i)
                          LACONIC_INLINE { detail::scores<rows>(&at.row[i], &at.next[i], theta, x.cols(), z + i); });
  }
  template <bool wide>
  LACONIC_INLINE void add(const Found& at, Index count, const Real* s, Real* g) const {
    each<wide>(count, [&](auto rows, std::size_t i)
                          LACONIC_INLINE { detail::add_rows<rows>(&at.row[i], &at.next[i], s + i, x.cols(), g); });
  }

 private:
  static constexpr Index some = 8;  // rows multiplied together; half as many where registers are few

  template <bool wide, class Work>
  static LACONIC_INLINE void each(Index count, const Work& work) {
    constexpr std::size_t together = wide ? some : some / 2;
    std::size_t i = 0;
    const auto n = static_cast<std::size_t>(count);
    for (; i + together <= n; i += together) work(std::integral_constant<std::size_t, together>(), i);
    for (; i < n; ++i) work(std::integral_constant<std::size_t, 1>(), i);
  }
};

template <class Real>
struct SparseProducts {
  static constexpr Index block = 64;
  const SparseRowsOf<Real>& x;

  Index at_once() const { return block; }

  struct Found {
    const Batch& xi;
    Index first;
  };
  Found find(const Batch& xi, Index first, Index) const { return {xi, first}; }

  template <bool wide>
  LACONIC_INLINE void scores(const Found& at, Index count, const Real* theta, Real* z) const {
    for (Index i = 0; i < count; ++i) {
      auto [e, end] = entries(row_of(at.xi, at.first + i));
      Real sum[4] = {};  // four chains of additions: a single one would wait for itself
      for (; e + 4 <= end; e += 4)
        for (int c = 0; c < 4; ++c) sum[c] += value(e + c) * theta[column(e + c)];
      for (; e < end; ++e) sum[0] += value(e) * theta[column(e)];
      z[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
  }
  template <bool wide>
  LACONIC_INLINE void add(const Found& at, Index count, const Real* s, Real* g) const {
    for (Index i = 0; i < count; ++i)
      for (auto [e, end] = entries(row_of(at.xi, at.first + i)); e < end; ++e) g[column(e)] += s[i] * value(e);
  }

 private:
  std::pair<std::int32_t, std::int32_t> entries(Index row) const {
    return {x.outerIndexPtr()[row], x.outerIndexPtr()[row + 1]};
  }
  std::int32_t column(std::int32_t e) const { return x.innerIndexPtr()[e]; }
  Real value(std::int32_t e) const { return x.valuePtr()[e]; }
};

template <class Real>
DenseProducts<Real> products(const DenseRowsOf<Real>& x) {
  return {x};
}
template <class Real>
SparseProducts<Real> products(const SparseRowsOf<Real>& x) {
  return {x};
}

/// Flops of both products on the samples of a batch: 4 an entry.
template <class Real>
double product_flops(const RowsOf<Real>& rows, const Batch& xi) {
  const auto* x = std::get_if<SparseRowsOf<Real>>(&rows);
  if (!x) return 4.0 * static_cast<double>(xi.size) * static_cast<double>(std::get<DenseRowsOf<Real>>(rows).cols());
  if (xi.full) return 4.0 * static_cast<double>(x->nonZeros());
  double stored = 0;
  for (const auto i : xi.rows) stored += x->outerIndexPtr()[i + 1] - x->outerIndexPtr()[i];
  return 4 * stored;
}

/// theta in the arithmetic of the data, and the sum that is formed in it. In float32 a sum runs over some 64 rows, then
/// joins the gradient, which like the model is float64: rounding does not grow with the number of samples.
template <class Real>
class Narrow {
 public:
  const Real* theta(const Vector& theta) {
    theta_ = theta.template cast<Real>();
    return theta_.data();
  }
  /// What rows are to be added to, which are g's or will be.
  Real* sum(Vector& g) {
    rows_ = 0;
    sum_.setZero(g.size());
    return sum_.data();
  }
  void added(Index rows, Vector& g) {
    rows_ += rows;
    if (rows_ >= 64) join(g);
  }
  void join(Vector& g) {
    rows_ = 0;
    g += sum_.template cast<double>();
    sum_.setZero();
  }

 private:
  Eigen::Matrix<Real, Eigen::Dynamic, 1> theta_, sum_;
  Index rows_ = 0;
};
template <>
class Narrow<double> {
 public:
  const double* theta(const Vector& theta) { return theta.data(); }
  double* sum(Vector& g) { return g.data(); }
  void added(Index, Vector&) {}
  void join(Vector&) {}
};

}  // namespace laconic::problems
