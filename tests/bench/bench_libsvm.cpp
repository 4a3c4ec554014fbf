#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iterator>
#include <string>

#include "algorithms/core/random.hpp"
#include "algorithms/data/libsvm.hpp"
#include "tests/bench/bench.hpp"

using namespace laconic;

namespace {

constexpr std::size_t size = 30'000'000;

// Every digit a double has, as epsilon's and uci18's lines.
std::string dense_text() {
  Rng rng(1, Purpose::data);
  std::string text;
  while (text.size() < size) {
    text += rng.below(2) ? "+1" : "-1";
    for (int j = 1; j <= 22; ++j)
      fmt::format_to(std::back_inserter(text), " {}:{:.17g}", j, std::ldexp(static_cast<double>(rng.next()), -63) - 1);
    text += '\n';
  }
  return text;
}

// Indicators, as a9a's lines: about 14 of 123 features.
std::string sparse_text() {
  Rng rng(2, Purpose::data);
  std::string text;
  while (text.size() < size) {
    text += rng.below(4) ? "-1" : "+1";
    for (int j = 1; j <= 123; ++j)
      if (rng.below(9) == 0) fmt::format_to(std::back_inserter(text), " {}:1", j);
    text += " \n";
  }
  return text;
}

void report(const char* what, const std::string& text) {
  std::array<double, 5> rates;
  Index stored = 0;
  for (double& rate : rates) {
    const auto start = std::chrono::steady_clock::now();
    stored = parse_libsvm(text, "bench").stored();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    rate = static_cast<double>(text.size()) / 1e6 / taken.count();
  }
  std::sort(rates.begin(), rates.end());
  fmt::print("parse_libsvm, {}: {:.0f} MB/s ({} MB, {} entries, median of {})\n", what, rates[2],
             text.size() / 1'000'000, stored, rates.size());
}

}  // namespace

void bench_libsvm() {
  report("22 dense features of 17 digits", dense_text());
  report("sparse indicators", sparse_text());
}
