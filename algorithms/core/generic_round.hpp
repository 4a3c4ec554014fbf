#pragma once

#include <optional>

#include "algorithms/core/parts.hpp"
#include "algorithms/core/schedule.hpp"

// The generic round: design.md section 2, "One round, as the data sees it".

namespace laconic {

/// H gradient steps on a copy of the model; what a worker then has to say is how far it moved, sum_h gamma g_h.
struct LocalSteps {
  Round H = 1;
  Schedule gamma;
};

struct WorkerParts {
  const Oracle* oracle;
  std::unique_ptr<Sampler> sampler;
  std::optional<LocalSteps> local;  ///< absent: one gradient
  double momentum = 0;              ///< beta: v = beta v + (1 - beta) g is sent in place of g
  std::unique_ptr<Memory> memory;
  std::unique_ptr<Trigger> trigger;
  std::unique_ptr<Compressor> compressor;
  std::vector<std::unique_ptr<Postscript>> postscripts;
  std::unique_ptr<Compressor> downlink;  ///< nullptr: verdicts come down, and the rest of this is needed
  bool scaled_vote = false;
  std::unique_ptr<Update> update;
};

struct ServerParts {
  std::unique_ptr<Participation> participation;
  std::unique_ptr<Aggregator> aggregator;
  std::unique_ptr<Update> update;
  std::unique_ptr<Compressor> compressor;  ///< decodes the uploads
  std::unique_ptr<Compressor> downlink;    ///< nullptr: verdicts go down
};

struct RoundOptions {
  Index d;
  Wire wire = Wire::float32;
  std::uint64_t seed = 0;
  double compress_flops_per_entry = 0;
};

/// `start` is theta^0, which every worker knows.
std::unique_ptr<Worker> make_worker(int m, WorkerParts parts, const Vector& start, const RoundOptions& options);

std::unique_ptr<Server> make_server(ServerParts parts, const Vector& start, const RoundOptions& options);

/// Summation::entries for uploads that begin with a message of `codec`.
std::function<void(Round k, int m, const Message& upload, std::vector<Index>& entries)> entries_of(
    std::shared_ptr<const Compressor> codec, const RoundOptions& options);

}  // namespace laconic
