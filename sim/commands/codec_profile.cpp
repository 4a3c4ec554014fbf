#include "sim/commands/codec_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "algorithms/base/human_units.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/workload.hpp"

namespace laconic::commands {
namespace {

using nlohmann::json;

const json codec_parameters = {{"k", 0.01}, {"bits", 4}, {"rank", 4}, {"rows", 1000}};

template <class Work>
double median_seconds(int runs, const Work& work) {
  using Clock = std::chrono::steady_clock;
  work();  // its scratch is made
  std::vector<double> taken;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    work();
    taken.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::nth_element(taken.begin(), taken.begin() + runs / 2, taken.end());
  return taken[static_cast<std::size_t>(runs / 2)];
}

// Three digits: more are the machine's mood.
std::string nanoseconds(double seconds) { return fmt::format("{:.3g}ns", seconds * 1e9); }

}  // namespace

std::vector<CodecTimes> measure_codecs(long entries, int runs) {
  const Problem problem = problems::make_workload(1, {.layers = {{"theta", {entries}, 1}}, .backward = {}});
  Vector v(problem.d), decoded(problem.d);
  Rng rng(1, Purpose::noise);
  for (double& x : v) x = rng.normal();
  std::vector<CodecTimes> out;
  for (const auto& entry : methods::compressors()) {
    Params in(codec_parameters, "", "");
    const RoundOptions options{.d = problem.d};
    const auto codec = entry.make(Setup{problem, options}, in)(0);
    Message message;
    const double encoding = median_seconds(runs, [&] { encode(*codec, v, options, 0, 0, message); });
    const double decoding = median_seconds(runs, [&] { decode(*codec, message, options, 0, 0, decoded); });
    out.push_back({entry.name, encoding / static_cast<double>(entries), decoding / static_cast<double>(entries)});
  }
  return out;
}

std::string codec_table(const std::vector<CodecTimes>& times) {
  std::vector<std::vector<std::string>> rows{{"compressor", "encode, ns", "decode, ns"}};
  for (const auto& codec : times)
    rows.push_back({codec.name, fmt::format("{:.3g}", codec.encode * 1e9), fmt::format("{:.3g}", codec.decode * 1e9)});
  return aligned(rows);
}

std::string codec_profile(const std::vector<CodecTimes>& times) {
  nlohmann::ordered_json out;
  for (const auto& codec : times)
    out["codecs"][codec.name] = {{"encode", nanoseconds(codec.encode)}, {"decode", nanoseconds(codec.decode)}};
  return json_text(out, 2) + "\n";
}

}  // namespace laconic::commands
