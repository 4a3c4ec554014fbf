#pragma once

#include "algorithms/core/coding.hpp"
#include "algorithms/core/endpoints.hpp"

namespace laconic {

struct ServerParts {
  std::unique_ptr<Participation> participation;
  std::unique_ptr<Aggregator> aggregator;
  std::unique_ptr<Update> update;
  std::unique_ptr<Compressor> compressor;  ///< decodes the uploads
  std::unique_ptr<Compressor> downlink;    ///< nullptr: a vote goes down
};

/// The server of the generic round: encodes the model, chooses who takes part, decodes and adds up what they send, and
/// steps; or sends a vote down and steps by that, as all workers do. `start` is theta^0.
std::unique_ptr<Server> make_server(ServerParts parts, const Vector& start, const RoundOptions& options);

}  // namespace laconic
