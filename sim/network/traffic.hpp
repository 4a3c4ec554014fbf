#pragma once

#include <utility>
#include <vector>

#include "sim/rounds/ledger.hpp"

namespace laconic::network {

/// When hosts computed in a round, and when messages were under way.
class TrafficWatch {
 public:
  void begin() { computed_.clear(), carried_.clear(); }
  void computed(double from, double to) { computed_.emplace_back(from, to); }
  void carried(double from, double to) { carried_.emplace_back(from, to); }
  /// What that comes to in a round that took so many seconds.
  rounds::Traffic in(double seconds);

 private:
  using Spans = std::vector<std::pair<double, double>>;
  Spans computed_, carried_;
};

}  // namespace laconic::network
