#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

// Some numbers at a time, through the vector extension of g++ and clang: +, -, *, / and comparisons work entry by
// entry. Always 32 bytes, so that sums are formed in the same order whatever the processor takes at once. No function
// of the mathematical library is called: its last digits differ from machine to machine.

/// For what works on lanes: a function that takes or returns them has no fixed calling convention, and each version of
/// a kernel (see for_widest_cpu) needs its own. Also of lambdas, after their parameters.
#define LACONIC_INLINE __attribute__((always_inline))

namespace laconic {

inline constexpr int lanes_bytes = 32;

// x86-64 proper has registers of 16 bytes; most of its processors have AVX2, and registers of 32, some AVX-512, and 64.
#if defined(__x86_64__) && !defined(__AVX2__)
#define LACONIC_VERSIONS
/// Bytes of a register that are used: 16, 32 or 64.
inline int register_bytes = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
                                ? 64
                            : __builtin_cpu_supports("avx2") ? 32
                                                             : 16;

template <class Kernel>
__attribute__((target("avx2"), noinline)) auto with_avx2(const Kernel& kernel) {
  return kernel(std::integral_constant<int, 32>());
}
template <class Kernel>
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"), noinline)) auto with_avx512(const Kernel& kernel) {
  return kernel(std::integral_constant<int, 64>());
}
#elif defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512BW__) && defined(__AVX512DQ__)
inline constexpr int register_bytes = 64;
#elif defined(__AVX2__)
inline constexpr int register_bytes = 32;
#else
inline constexpr int register_bytes = 16;
#endif

/// kernel(wide), a lambda marked LACONIC_INLINE, compiled both for every processor and for those with AVX2; `wide`, a
/// std::bool_constant, says which: whether 8 rows' sums fit into the registers. Both give the same bits, as nothing is
/// fused or reordered.
template <class Kernel>
auto for_widest_cpu(const Kernel& kernel) {
#ifdef LACONIC_VERSIONS
  if (register_bytes >= 32) return with_avx2([&](auto) LACONIC_INLINE { return kernel(std::true_type()); });
  return kernel(std::false_type());
#else
  return kernel(std::true_type());
#endif
}

/// Calls kernel(bytes) compiled for the widest registers there are, AVX-512's too; `bytes`, a std::integral_constant,
/// is the size of a register. For what is done to numbers one by one: a kernel that forms sums gains nothing.
template <class Kernel>
auto widest_of_all(const Kernel& kernel) {
#ifdef LACONIC_VERSIONS
  if (register_bytes == 64) return with_avx512(kernel);
  if (register_bytes == 32) return with_avx2(kernel);
  return kernel(std::integral_constant<int, 16>());
#else
  return kernel(std::integral_constant<int, register_bytes>());
#endif
}

/// What `work` returns with each size of registers that there is, the smallest first, to be compared.
template <class Work>
auto in_all_widths(const Work& work) {
  std::vector<decltype(work())> out;
#ifdef LACONIC_VERSIONS
  const int most = register_bytes;
  for (register_bytes = 16; register_bytes < most; register_bytes *= 2) out.push_back(work());
#endif
  out.push_back(work());
  return out;
}

template <class Real>
struct LanesOf;
template <>
struct LanesOf<double> {
  typedef double type __attribute__((vector_size(lanes_bytes)));
};
template <>
struct LanesOf<float> {
  typedef float type __attribute__((vector_size(lanes_bytes)));
};
template <>
struct LanesOf<std::uint64_t> {
  typedef std::uint64_t type __attribute__((vector_size(lanes_bytes)));
};
template <class Real>
using Simd = typename LanesOf<Real>::type;
typedef std::int64_t Mask __attribute__((vector_size(lanes_bytes)));  // what a comparison of Simd<double> gives

template <class Real>
inline constexpr int lanes = lanes_bytes / static_cast<int>(sizeof(Real));

template <class Real>
LACONIC_INLINE inline Simd<Real> load(const Real* from) {
  Simd<Real> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class Real>
LACONIC_INLINE inline void store(Real* to, const Simd<Real>& v) {
  std::memcpy(to, &v, sizeof v);
}

template <class Real>
LACONIC_INLINE inline Simd<Real> all_lanes(Real x) {
  return x - Simd<Real>{};
}

template <class Real>
LACONIC_INLINE inline Real sum_of(const Simd<Real>& v) {
  Real sum = 0;
  for (int i = 0; i < lanes<Real>; ++i) sum += v[i];
  return sum;
}

/// The columns of the matrix of these rows.
LACONIC_INLINE inline std::array<Simd<double>, 4> transposed(const Simd<double>* row) {
  const Simd<double> even_top = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6),
                     odd_top = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7),
                     even_low = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6),
                     odd_low = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
  return {
      __builtin_shufflevector(even_top, even_low, 0, 1, 4, 5), __builtin_shufflevector(odd_top, odd_low, 0, 1, 4, 5),
      __builtin_shufflevector(even_top, even_low, 2, 3, 6, 7), __builtin_shufflevector(odd_top, odd_low, 2, 3, 6, 7)};
}

/// Entry by entry, a where the mask says so, else b.
LACONIC_INLINE inline Simd<double> select(const Mask& mask, const Simd<double>& a, const Simd<double>& b) {
  return reinterpret_cast<Simd<double>>((mask & reinterpret_cast<Mask>(a)) | (~mask & reinterpret_cast<Mask>(b)));
}

LACONIC_INLINE inline Simd<double> abs_of(const Simd<double>& x) {
  return reinterpret_cast<Simd<double>>(reinterpret_cast<Mask>(x) & (Mask{} + INT64_MAX));
}

/// e^x for x <= 0, to 2 units in the last place; below e^-708 it is 0. NaN stays NaN.
/// x = n ln 2 + r, |r| <= (ln 2) / 2, and a polynomial of r (Chebyshev's points, error 1.3e-17).
LACONIC_INLINE inline Simd<double> exp_of_negative(const Simd<double>& x) {
  constexpr double whole = 0x1.8p52;  // what is added to it loses its fraction, and stands in its last bits
  const Simd<double> shifted = x * 1.4426950408889634 + whole, n = shifted - whole;
  const Simd<double> r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
  constexpr double c[] = {0.5000000000000001,     0.16666666666666669,    0.041666666666623824,
                          0.008333333333330039,   0.0013888888917367081,  0.00019841269863171557,
                          2.4801521057868204e-05, 2.7557268276905696e-06, 2.7620201591031547e-07,
                          2.5100472505694996e-08};
  Simd<double> p = all_lanes(c[9]);
  for (int i = 8; i >= 0; --i) p = p * r + c[i];
  const Simd<double> mantissa = 1 + (r + r * r * p);
  const auto power = reinterpret_cast<Simd<double>>((reinterpret_cast<Mask>(shifted) + 1023) << 52);  // 2^n
  return select(x < -708, Simd<double>{}, mantissa * power);
}

/// log(1 + x) for x from 0 to 1, to 3 units in the last place: 2 atanh(s), s = x / (2 + x), and a polynomial of s^2
/// (Chebyshev's points, error 5e-18).
LACONIC_INLINE inline Simd<double> log_of_1_plus(const Simd<double>& x) {
  const Simd<double> s = x / (2 + x), w = s * s;
  constexpr double c[] = {0.3333333333333333,  0.20000000000007292, 0.1428571428355438,  0.11111111358713932,
                          0.09090894718066429, 0.07692785032479312, 0.06657072104827468, 0.06000536404795356,
                          0.04400369243072337, 0.08082022805971766};
  Simd<double> p = all_lanes(c[9]);
  for (int i = 8; i >= 0; --i) p = p * w + c[i];
  return 2 * (s + s * (w * p));
}

/// x = e^x for all x <= 0.
inline void exp_of_negatives(std::span<double> x) {
  for_widest_cpu([&](auto) LACONIC_INLINE {
    constexpr std::size_t width = lanes<double>;
    std::size_t i = 0;
    for (; i + width <= x.size(); i += width) store(&x[i], exp_of_negative(load(&x[i])));
    if (i == x.size()) return;
    double rest[width] = {};
    std::memcpy(rest, &x[i], (x.size() - i) * sizeof(double));
    store(rest, exp_of_negative(load(rest)));
    std::memcpy(&x[i], rest, (x.size() - i) * sizeof(double));
  });
}

/// log x for finite x >= 1; NaN stays NaN.
inline double log_of_large(double x) {
  if (!std::isfinite(x)) return x;
  const int exponent = std::ilogb(x);
  const double fraction = log_of_1_plus(all_lanes(std::ldexp(x, -exponent) - 1))[0];
  return exponent * 0.6931471805599453 + fraction;
}

}  // namespace laconic
