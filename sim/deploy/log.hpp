#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/results/table_file.hpp"

namespace laconic::deploy {

/// What happened in a deployed run, by the clocks of those to whom it happened. It is kept in a file as it comes, so
/// that it outlives its process.
struct Record {
  enum class What : std::int32_t {
    down,
    up,
    peer,
    compute,
    pause,  ///< rank 0 measured a model, which is no part of the run
    clock,  ///< at `start_ns` by rank 0's clock, that of `end_rank` was `end_ns` ahead, give or take `flops` s
    zero    ///< the run began at `start_ns` by rank 0's clock
  };
  What what{};
  std::int32_t from = 0, to = 0;              ///< workers; -1: the server
  std::int32_t start_rank = 0, end_rank = 0;  ///< whose clocks the times are of
  std::int64_t round = 0;                     ///< from 0
  std::uint64_t bits = 0, bytes = 0;
  double flops = 0;
  std::int64_t start_ns = 0, end_ns = 0;
};

/// What is known of a rank's clock.
struct ClockFit {
  double offset_s = 0;       ///< ahead of rank 0's, at first
  double drift = 0;          ///< how much more in each second
  double uncertainty_s = 0;  ///< of the offset: half the fastest round trip
};

/// Clocks in step: a straight line from one estimate to the next, for each rank.
class Clocks {
 public:
  explicit Clocks(int ranks) : estimates_(static_cast<std::size_t>(ranks)) {}
  void add(const Record& clock);
  /// A time by a rank's clock as rank 0's would show it, ns.
  std::int64_t at_rank_0(int rank, std::int64_t ns) const;
  /// A line through a rank's first and last estimate.
  ClockFit fit(int rank) const;

 private:
  struct Estimate {
    std::int64_t at_ns, ahead_ns;  // by rank 0's clock
    double uncertainty_s;
  };
  std::vector<std::vector<Estimate>> estimates_;
};

/// Reads the records in a file, whole ones alone.
void for_records(const std::filesystem::path& file, const std::function<void(const Record&)>& take);

std::string log_header();
/// Adds the rows of one algorithm to deploy.csv: "algorithm,seed," are their `prefix`. Times are seconds since the run
/// began, without the pauses.
void write_log(const std::filesystem::path& records, const Clocks& clocks, const std::string& prefix,
               results::TableFile& to);

/// The pauses of a run, ascending.
class Pauses {
 public:
  void add(std::int64_t from_ns, std::int64_t to_ns);
  /// How long the run had stood still at that time.
  std::int64_t before(std::int64_t ns) const;

 private:
  struct Pause {
    std::int64_t start_ns, end_ns, before_ns;
  };
  std::vector<Pause> all_;
};

/// The time of a run at rank 0, which stands still while a model is measured.
class RunClock {
 public:
  void start(std::int64_t ns) { zero_ns_ = ns; }
  void pause(std::int64_t from_ns, std::int64_t to_ns) { pauses_.add(from_ns, to_ns); }
  /// Seconds of the run, and of the wall.
  double seconds(std::int64_t ns) const { return wall(ns - pauses_.before(ns)); }
  double wall(std::int64_t ns) const { return 1e-9 * static_cast<double>(ns - zero_ns_); }

 private:
  std::int64_t zero_ns_ = 0;
  Pauses pauses_;
};

}  // namespace laconic::deploy
