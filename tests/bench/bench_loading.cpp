#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iterator>
#include <string>

#include "algorithms/base/input_file.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/readers/csv.hpp"
#include "algorithms/data/readers/idx.hpp"
#include "algorithms/data/readers/libsvm.hpp"
#include "tests/bench/bench.hpp"
#include "tests/real_data.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

namespace {

constexpr std::size_t size = 30'000'000;

// Every digit a double has, as epsilon's and uci18's lines; `pair` writes feature j.
template <class Pair>
std::string dense_text(Pair pair) {
  Rng rng(1, Purpose::data);
  std::string text;
  while (text.size() < size) {
    text += rng.below(2) ? "+1" : "-1";
    for (int j = 1; j <= 22; ++j)
      pair(std::back_inserter(text), j, std::ldexp(static_cast<double>(rng.next()), -63) - 1);
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

// Images of 28 x 28 bytes.
std::string images() {
  const std::size_t n = size / 784;
  std::string bytes{0, 0, 8, 3};
  for (const std::size_t value : {n, std::size_t{28}, std::size_t{28}})
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  Rng rng(3, Purpose::data);
  for (std::size_t i = 0; i < n * 784; ++i) bytes += static_cast<char>(rng.below(256));
  return bytes;
}

template <class Work>
void report(Log& log, const BenchOptions& options, const std::string& what, std::size_t bytes, Work work) {
  std::vector<double> rates;
  for (int i = 0; i < options.turns; ++i) rates.push_back(static_cast<double>(bytes) / 1e6 / seconds_of(work));
  log.row("loading", what, "MB/s", rates);
}

}  // namespace

void bench_loading(Log& log, const BenchOptions& options) {
  log.title("loading: MB/s of text, or of what comes out of decompression");
  const auto parsed = [&](const char* what, const std::string& text, auto parse) {
    report(log, options, what, text.size(), [&] { parse(text); });
  };
  parsed("LIBSVM, 22 dense features of 17 digits",
         dense_text([](auto out, int j, double x) { fmt::format_to(out, " {}:{:.17g}", j, x); }),
         [](const std::string& text) { parse_libsvm(text, "bench"); });
  parsed("LIBSVM, sparse indicators", sparse_text(), [](const std::string& text) { parse_libsvm(text, "bench"); });
  parsed("CSV, 22 features of 17 digits",
         dense_text([](auto out, int, double x) { fmt::format_to(out, ",{:.17g}", x); }),
         [](const std::string& text) { parse_csv(text, "bench", {.label = 1}); });
  parsed("IDX, bytes", images(), [](const std::string& text) { parse_idx(text, "bench"); });
  for (const char* path : {"mnist/train-images-idx3-ubyte.gz", "ijcnn1/ijcnn1.trn.bz2", "libsvm/a9a.xz"}) {
    const auto file = real_data() / path;
    if (!std::filesystem::exists(file)) continue;
    report(log, options, path, read_input(file).size(), [&] { read_input(file); });
  }
}
