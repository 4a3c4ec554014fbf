#pragma once

#include "algorithms/core/asynchronous.hpp"
#include "sim/deploy/stations.hpp"

namespace laconic::deploy {

/// A rank's workers of an asynchronous method with a server. What goes down to one says in `flops`, which it has no
/// other use for, whether the worker's last upload was taken (1) or thrown away (0).
class AsynchronousStations : public Stations {
 public:
  AsynchronousStations(AsynchronousMethod method, int run, Post& post);
  void start() override {}
  void take(const Letter& letter) override;

 private:
  AsynchronousMethod method_;
  int run_;
  Post& post_;
  std::vector<bool> waits_;  // for its upload's fate, each worker
};

}  // namespace laconic::deploy
