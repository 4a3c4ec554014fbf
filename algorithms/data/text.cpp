#include "algorithms/data/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/memory.hpp"
#include "algorithms/base/random.hpp"

namespace laconic::data {
namespace {

struct Windows {
  Index context, stride;
  Index count(Index symbols) const { return symbols <= context ? 0 : (symbols - context - 1) / stride + 1; }
};

Windows read_windows(Params& in) {
  return {in.count("context", 32, 1, "symbols of a sample, from which the next one is to be told", 100'000),
          in.count("stride", 1, 1, "symbols from one sample's beginning to the next one's", 1'000'000'000)};
}

// Why so many numbers, and once more when they are split among the workers, do not fit; empty if they do.
std::string too_many(Index samples, Index context) {
  const double entries = static_cast<double>(samples) * static_cast<double>(context);
  if (entries > 1e9) return fmt::format(" expected at most 1e9 numbers in all, got {} x {}", samples, context);
  return memory_shortage(16 * entries);
}

Dataset cut(const std::vector<std::int32_t>& codes, const Windows& windows, std::string name) {
  const Index n = windows.count(static_cast<Index>(codes.size()));
  RowMatrix x(n, windows.context);
  Dataset out{RowMatrix{}, Vector(n), std::move(name)};
  for (Index i = 0; i < n; ++i) {
    const auto* from = codes.data() + i * windows.stride;
    for (Index j = 0; j < windows.context; ++j) x(i, j) = from[j];
    out.y[i] = from[windows.context];
  }
  out.x = std::move(x);
  return out;
}

// What a byte is called: itself, if it can be read.
std::string word_of(unsigned char byte) {
  return byte > 32 && byte < 127 ? std::string(1, static_cast<char>(byte)) : fmt::format("\\x{:02x}", byte);
}

Dataset read_text(const std::filesystem::path& path, const Windows& windows, const Dataset* like) {
  const std::string bytes = read_input(path);
  const auto samples = windows.count(static_cast<Index>(bytes.size()));
  if (samples == 0)
    throw InputError(fmt::format("{}: expected more than the {} characters of \"context\", got {}", path.string(),
                                 windows.context, bytes.size()));
  if (const auto reason = too_many(samples, windows.context); !reason.empty())
    throw InputError(fmt::format("{}: {} samples of {} characters:{}: a \"stride\" takes fewer samples", path.string(),
                                 samples, windows.context, reason));
  std::array<std::int32_t, 256> code;
  code.fill(-1);
  for (const char byte : bytes) code[static_cast<unsigned char>(byte)] = 0;
  std::vector<std::string> words;
  if (like) words = like->classes;
  for (std::size_t byte = 0; byte < code.size(); ++byte) {
    if (code[byte] < 0) continue;
    const std::string word = word_of(static_cast<unsigned char>(byte));
    if (!like) words.push_back(word);
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end())
      throw InputError(fmt::format("{}: {} does not occur in the text that is learned from", path.string(), word));
    code[byte] = static_cast<std::int32_t>(found - words.begin());
  }
  std::vector<std::int32_t> codes;
  codes.reserve(bytes.size());
  for (const char byte : bytes) codes.push_back(code[static_cast<unsigned char>(byte)]);
  Dataset out = cut(codes, windows, path.string());
  out.classes = std::move(words);
  return out;
}

RowMatrix drawn_shares(Index states, Index symbols, double sharpness, std::uint64_t seed) {
  Rng rng(seed, Purpose::labels, ~0u);
  RowMatrix out(states, symbols);
  for (Index i = 0; i < states; ++i) {
    for (Index j = 0; j < symbols; ++j) out(i, j) = std::exp(sharpness * rng.normal());
    out.row(i) /= out.row(i).sum();
  }
  return out;
}

Dataset make_markov_text(Index samples, Index order, const Windows& windows, const RowMatrix& shares,
                         std::uint64_t seed) {
  const Index states = shares.rows(), symbols = shares.cols();
  constexpr Index forgotten = 1000;  // symbols after which the first ones do not matter
  const Index length = (samples - 1) * windows.stride + windows.context + 1;
  Rng rng(seed, Purpose::data);
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(length));
  Index state = 0;
  for (Index i = -forgotten; i < length; ++i) {
    double left = rng.uniform();
    Index next = 0;
    while (next + 1 < symbols && (left -= shares(state, next)) >= 0) ++next;
    state = (state * symbols + next) % states;
    if (i >= 0) codes.push_back(static_cast<std::int32_t>(next));
  }
  return cut(codes, windows,
             fmt::format("markov-text ({} x {} of {} symbols, order {}, entropy rate {:.6f} nats, seed {})", samples,
                         windows.context, symbols, order, entropy_rate(shares), seed));
}

}  // namespace

double entropy_rate(const RowMatrix& shares) {
  const Index states = shares.rows(), symbols = shares.cols();
  Vector at = Vector::Constant(states, 1.0 / static_cast<double>(states)), next(states);
  // Every symbol may follow every other, so that the distribution converges, and fast.
  for (int turn = 0; turn < 10'000; ++turn) {
    next.setZero();
    for (Index i = 0; i < states; ++i)
      for (Index j = 0; j < symbols; ++j) next[(i * symbols + j) % states] += at[i] * shares(i, j);
    const double moved = (next - at).lpNorm<1>();
    at.swap(next);
    if (moved < 1e-15) break;
  }
  double out = 0;
  for (Index i = 0; i < states; ++i)
    for (Index j = 0; j < symbols; ++j)
      if (shares(i, j) > 0) out -= at[i] * shares(i, j) * std::log(shares(i, j));
  return out;
}

LoadData text(Params& in, const DataContext& context) {
  const Windows windows = read_windows(in);
  return [path = find_file(in, "path", "the text", context.folder), windows](const Dataset* like) {
    return read_text(path, windows, like);
  };
}

LoadData markov_text(Params& in, const DataContext& context) {
  const Windows windows = read_windows(in);
  const Index samples = in.count("samples", {}, 1, "rows in all", 1'000'000'000);
  const Index symbols = in.count("symbols", 16, 2, "different symbols", 256);
  const Index order = in.count("order", 2, 1, "symbols that decide how probable the next one is", 16);
  const double sharpness =
      in.number("sharpness", 1.5, {"a number from 0 to 10", 0, 10},
                "how unequal probabilities are: 0: all alike; they are exp(sharpness z), z normal");
  const auto seed = static_cast<std::uint64_t>(in.count("seed", static_cast<std::int64_t>(context.seed), 0,
                                                        "seed of the generated data (default: the scenario's)"));
  Index states = 1;
  for (Index i = 0; i < order; ++i) {
    states *= symbols;
    if (states > 65536)
      in.refuse("order", fmt::format("expected at most 65536 = symbols^order states, got {}^{}", symbols, order));
  }
  if (static_cast<double>(samples) * static_cast<double>(windows.stride) > 1e9)
    in.refuse("stride", "expected a sequence of at most 1e9 symbols");
  if (const auto reason = too_many(samples, windows.context); !reason.empty()) in.refuse("samples", reason.substr(1));
  return [=](const Dataset*) {
    return make_markov_text(samples, order, windows, drawn_shares(states, symbols, sharpness, seed), seed);
  };
}

}  // namespace laconic::data
