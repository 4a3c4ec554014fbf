#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/deploy/letters.hpp"
#include "sim/rounds/apart.hpp"
#include "sim/scenario/scenario.hpp"

namespace laconic::deploy {

/// Which rank holds which workers: contiguous blocks of them, at all ranks but 0, or at rank 0 if it is alone.
class Placement {
 public:
  Placement(int ranks, int workers) : first_(ranks > 1 ? 1 : 0), holders_(ranks > 1 ? ranks - 1 : 1), M_(workers) {}
  int rank_of(int m) const;
  /// The workers of a rank: from the first of these up to, and without, the other.
  std::pair<int, int> of_rank(int rank) const;
  /// "the server", "worker 3", "workers 4 to 6".
  std::string words(int rank) const;

 private:
  int block(int holder) const { return static_cast<int>(std::int64_t{M_} * holder / holders_); }
  int first_, holders_, M_;
};

/// What a rank's workers, or nodes, do with the letters that they get.
class Stations {
 public:
  virtual ~Stations() = default;
  /// Whatever they do before they hear of anything.
  virtual void start() = 0;
  virtual void take(const Letter& letter) = 0;
};

/// A rank's workers of a synchronous method.
class WorkerStations : public Stations {
 public:
  WorkerStations(Method method, std::pair<int, int> own, int run, Post& post);
  void start() override;
  void take(const Letter& letter) override;

 private:
  void answer(int m, const rounds::WorkerApart::Upload& said, std::int64_t arrived_ns, std::int64_t began_ns);

  Method method_;
  int first_, run_;
  Post& post_;
  std::vector<rounds::WorkerApart> ends_;
};

/// A rank's part of algorithm i.
std::unique_ptr<Stations> make_stations(const scenario::Scenario& scenario, std::size_t i, const Placement& placement,
                                        Post& post);

}  // namespace laconic::deploy
