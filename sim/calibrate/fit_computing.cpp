#include "sim/calibrate/fit_computing.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "sim/calibrate/fit_network.hpp"

namespace laconic::calibrate {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t enough_computations = 4000;  // of a fit

// Computations of one host, or of all workers.
struct Computations {
  std::vector<double> flops, seconds;
  std::vector<std::size_t> blocks;

  void add(double f, double s, std::size_t block) {
    flops.push_back(f);
    seconds.push_back(s);
    blocks.push_back(block);
  }
  bool empty() const { return flops.empty(); }
};

// Every n-th of them, so that no more are left than are enough.
Computations thinned(const Computations& all) {
  const std::size_t stride = all.flops.size() / enough_computations + 1;
  Computations out;
  for (std::size_t i = 0; i < all.flops.size(); i += stride) out.add(all.flops[i], all.seconds[i], all.blocks[i]);
  return out;
}

// Parameters: the logarithms of seconds per flop and, perhaps, of the overhead.
RobustFit fit(const Computations& given, bool overhead) {
  const auto residuals = [&](const VectorXd& at) {
    VectorXd out(static_cast<Index>(given.flops.size()));
    for (std::size_t i = 0; i < given.flops.size(); ++i)
      out[static_cast<Index>(i)] =
          std::log((given.flops[i] * std::exp(at[0]) + (overhead ? std::exp(at[1]) : 0)) / given.seconds[i]);
    return out;
  };
  std::vector<double> rates;
  for (std::size_t i = 0; i < given.flops.size(); ++i) rates.push_back(given.seconds[i] / given.flops[i]);
  VectorXd start(overhead ? 2 : 1);
  start[0] = std::log(quantile(rates, overhead ? 0.25 : 0.5));
  if (overhead) start[1] = std::log(quantile(given.seconds, 0.1) / 2);
  return robust_fit(residuals, start);
}

Estimate speed_of(const Computations& given) {
  const RobustFit found = fit(given, false);
  const Estimate per_flop = exponential(found, bootstrap(found, given.blocks, resamples), 0);
  return {1 / per_flop.value, 1 / per_flop.high, 1 / per_flop.low};
}

// Wanted where computations differ in size, and it explains them better by a tenth.
std::optional<Estimate> overhead_of(const Computations& given) {
  constexpr double differ = 1.5, better = 0.9, none = 1e-9, noticed = 0.01;
  if (quantile(given.flops, 0.98) < differ * quantile(given.flops, 0.02)) return {};
  const RobustFit without = fit(given, false), with = fit(given, true);
  if (with.loss > better * without.loss || without.loss < none) return {};
  const Estimate out = exponential(with, bootstrap(with, given.blocks, resamples), 1);
  if (out.low < noticed * quantile(given.seconds, 0.5)) return {};
  return out;
}

}  // namespace

ComputingFit fit_computing(const std::vector<DeployedRun>& deployed, int workers,
                           const std::function<bool(const Activity&)>& wanted) {
  Computations all, server;
  std::vector<Computations> own(static_cast<std::size_t>(workers));
  std::map<std::tuple<std::size_t, std::size_t, std::uint64_t>, std::size_t> blocks;
  for (std::size_t f = 0; f < deployed.size(); ++f)
    for (const Activity& a : deployed[f].activities) {
      if (a.message || a.flops <= 0 || a.seconds() <= 0 || !wanted(a)) continue;
      const auto block = blocks.emplace(std::tuple(f, a.run, a.round), blocks.size()).first->second;
      if (a.from == the_server) {
        server.add(a.flops, a.seconds(), block);
      } else {
        own[static_cast<std::size_t>(a.from)].add(a.flops, a.seconds(), block);
        all.add(a.flops, a.seconds(), block);
      }
    }
  ComputingFit out;
  out.computations = all.flops.size() + server.flops.size();
  if (!server.empty()) out.server_speed = speed_of(thinned(server));
  if (all.empty()) return out;
  const Computations some = thinned(all);
  out.speed = {speed_of(some)};
  out.overhead = overhead_of(some);
  if (std::any_of(own.begin(), own.end(), [](const auto& x) { return x.empty(); })) return out;
  std::vector<Estimate> each;
  for (const auto& one : own) each.push_back(speed_of(thinned(one)));
  if (differ(each)) out.speed = each;
  return out;
}

}  // namespace laconic::calibrate
