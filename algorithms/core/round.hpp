#pragma once

#include "algorithms/core/parts.hpp"

// The generic round: design.md section 2, "One round, as the data sees it".

namespace laconic {

struct WorkerParts {
  const Oracle* oracle;
  std::unique_ptr<Sampler> sampler;
  std::unique_ptr<Memory> memory;
  std::unique_ptr<Trigger> trigger;
  std::unique_ptr<Compressor> compressor;
  const Compressor* downlink;  ///< shared with the server
};

struct ServerParts {
  std::unique_ptr<Participation> participation;
  std::unique_ptr<Aggregator> aggregator;
  std::unique_ptr<Update> update;
  std::unique_ptr<Compressor> compressor;  ///< decodes the uploads
  std::shared_ptr<const Compressor> downlink;
};

struct RoundOptions {
  Index d;
  Wire wire = Wire::float32;
  std::uint64_t seed = 0;
  double compress_flops_per_entry = 0;
};

std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const RoundOptions& options);

/// The server owns the downlink that the workers point at. `start` is theta^0.
std::unique_ptr<Server> make_server(ServerParts parts, Vector start, const RoundOptions& options);

}  // namespace laconic
