#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "algorithms/base/random.hpp"
#include "sim/calibrate/deployed.hpp"
#include "sim/network/closed_form/shared_link.hpp"

namespace laconic::tests {

/// A star of which everything is known, whose rounds the simulator's own shared link times.
struct KnownStar {
  std::vector<double> latency, bandwidth, speed;  ///< of the workers
  double server_bandwidth;
  double header = 24;
  double noise = 0;         ///< of the logarithm of each duration; one in twenty is delayed besides, up to ten times
  bool one_by_one = false;  ///< whether the server's link serves messages one after another
  double overhead = 0;      ///< s of each computation

  static KnownStar equal(int workers, double latency, double bandwidth, double server_bandwidth, double speed) {
    const auto m = static_cast<std::size_t>(workers);
    return {std::vector(m, latency), std::vector(m, bandwidth), std::vector(m, speed), server_bandwidth};
  }
  int workers() const { return static_cast<int>(latency.size()); }
};

/// What one algorithm of a deployed run sends and computes in each round.
struct KnownMethod {
  const char* name;
  std::uint64_t down_bits, up_bits;
  double flops;
};

/// Deployed runs of these methods on a star, round after round.
class KnownRuns {
 public:
  KnownRuns(const KnownStar& star, std::uint64_t seed) : star_(star), rng_(seed, Purpose::noise) {}

  calibrate::DeployedRun run(const std::vector<KnownMethod>& methods, std::uint64_t rounds) {
    calibrate::DeployedRun out{"known", nlohmann::json::object(), star_.workers(), 0, {}, {}};
    for (const KnownMethod& method : methods) {
      out.runs.push_back({method.name, 1});
      clock_ = 0;
      for (std::uint64_t k = 0; k < rounds; ++k) round(out, method, k);
    }
    return out;
  }

 private:
  void round(calibrate::DeployedRun& out, const KnownMethod& method, std::uint64_t k) {
    const auto M = star_.latency.size();
    const std::vector<double> begin(M, clock_), there = messages(out, k, method.down_bits, begin, true);
    std::vector<double> computed(M);
    for (std::size_t m = 0; m < M; ++m) {
      const double flops = method.flops * (1 + 0.1 * static_cast<double>(m));
      computed[m] = there[m] + noisy(star_.overhead + flops / star_.speed[m]);
      const int host = static_cast<int>(m);
      out.activities.push_back({false, host, host, out.runs.size() - 1, k, {}, 0, flops, there[m], computed[m]});
    }
    for (const double end : messages(out, k, method.up_bits, computed, false)) clock_ = std::max(clock_, end + 1e-6);
  }

  // When those arrive that are written at these dates, one for each worker.
  std::vector<double> messages(calibrate::DeployedRun& out, std::uint64_t k, std::uint64_t bits,
                               const std::vector<double>& written, bool down) {
    const double bytes = std::ceil(static_cast<double>(bits) / 8) + star_.header;
    std::vector<network::Transfer> transfers;
    for (std::size_t m = 0; m < written.size(); ++m)
      transfers.push_back({written[m] + star_.latency[m], bytes, star_.bandwidth[m], 1 / star_.latency[m]});
    std::vector<double> ends(transfers.size());
    if (star_.one_by_one)
      in_order(transfers, ends);
    else
      network::SharedLink(star_.server_bandwidth).carry(transfers, ends);
    for (std::size_t m = 0; m < ends.size(); ++m) {
      ends[m] = written[m] + noisy(ends[m] - written[m]);
      const int host = static_cast<int>(m), server = calibrate::the_server;
      out.activities.push_back({true, down ? server : host, down ? host : server, out.runs.size() - 1, k, bits, bytes,
                                0, written[m], ends[m]});
    }
    return ends;
  }

  void in_order(const std::vector<network::Transfer>& transfers, std::vector<double>& ends) const {
    std::vector<std::size_t> order(transfers.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return transfers[a].start < transfers[b].start; });
    double free = 0;
    for (const auto i : order)
      ends[i] = free = std::max(free, transfers[i].start) + transfers[i].bytes / star_.server_bandwidth;
  }

  double noisy(double seconds) {
    if (star_.noise == 0) return seconds;
    const double straggling = rng_.uniform() < 0.05 ? 1 + 9 * rng_.uniform() : 1;
    return seconds * std::exp(star_.noise * rng_.normal()) * straggling;
  }

  const KnownStar& star_;
  Rng rng_;
  double clock_ = 0;
};

}  // namespace laconic::tests
