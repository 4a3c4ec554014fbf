#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "algorithms/base/simd.hpp"
#include "tests/bench/bench.hpp"
#include "tests/rooms.hpp"

using namespace laconic::tests;

Log::Log(const std::string& path) : csv_(std::fopen(path.c_str(), "w")) {
  if (!csv_) throw std::runtime_error(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
  std::fputs("group,what,unit,median,least,most,turns,against,ratio_median,ratio_least,ratio_most\n", csv_);
}

Log::~Log() { std::fclose(csv_); }

void Log::title(const std::string& text) {
  fmt::print("\n{}\n  {:<44} {:>10} {:>10} {:>10}  {}\n", text, "", "median", "least", "most", "ratio (least, most)");
}

void Log::note(const std::string& text) {
  fmt::print("  {}\n", text);
  std::fflush(stdout);
}

void Log::row(const std::string& group, const std::string& what, const std::string& unit,
              const std::vector<double>& values, const std::string& against, const std::vector<double>& ratios) {
  const Spread v = spread(values);
  std::string line = fmt::format("  {:<44} {:>10.4g} {:>10.4g} {:>10.4g}  {}", what, v.median, v.least, v.most, unit);
  std::string csv = fmt::format("{},{},{},{:.6g},{:.6g},{:.6g},{},{}", group, what, unit, v.median, v.least, v.most,
                                values.size(), against);
  if (ratios.empty()) {
    csv += ",,,";
  } else {
    const Spread r = spread(ratios);
    line += fmt::format("   {:.2f} ({:.2f}, {:.2f}) x {}", r.median, r.least, r.most, against);
    csv += fmt::format(",{:.6g},{:.6g},{:.6g}", r.median, r.least, r.most);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
  std::fputs((csv + '\n').c_str(), csv_);
  std::fflush(csv_);
}

double streaming_read(const double* data, std::size_t count) {
  volatile double sink = 0;
  return seconds_of([&] {
    constexpr std::size_t chains = 8, width = lanes<double>;
    Simd<double> sum[chains] = {};
    std::size_t i = 0;
    for (; i + chains * width <= count; i += chains * width) {
      __builtin_prefetch(data + i + 512);
      for (std::size_t c = 0; c < chains; ++c) sum[c] += load(data + i + c * width);
    }
    double all = 0;
    for (const auto& s : sum) all += sum_of<double>(s);
    for (; i < count; ++i) all += data[i];
    sink = all;
  });
}
