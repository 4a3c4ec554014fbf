#pragma once

#include <optional>

#include "algorithms/core/asynchronous.hpp"
#include "sim/rounds/ledger.hpp"

namespace laconic::rounds {

/// A worker's answer, as it reaches an asynchronous server.
struct HeardUpload {
  int m;
  const Message* upload;  ///< nullptr: it stays silent
  double flops;           ///< what the worker computed for it
  double seconds;         ///< how long that took
};

/// Has the server take it, and counts it. `steps`: the gradient steps that have arrived so far. Returns whether it was
/// taken; false if it was thrown away.
bool count_arrival(AsynchronousMethod& method, const HeardUpload& heard, const WireRules& wire, Round& steps,
                   Ledger& ledger);

}  // namespace laconic::rounds
