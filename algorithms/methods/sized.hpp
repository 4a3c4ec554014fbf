#pragma once

#include "algorithms/core/endpoints.hpp"
#include "algorithms/methods/slots.hpp"

// Endpoints for a problem that is nothing but work (Problem::workload): messages have sizes and no bytes, and nobody
// holds a vector. A round asks of processors and network what that of the method itself would.

namespace laconic::methods {

/// What a method's messages ask for. In a round every worker that takes part gets the model, takes its gradients, and
/// uploads.
struct SizedParts {
  std::function<std::uint64_t(Round k)> up;    ///< bits of an upload
  std::function<std::uint64_t(Round k)> down;  ///< bits of the model, or where `votes` of the vote
  bool votes = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> further = {};  ///< bits down and up of further exchanges
  Round local_steps = 1;                                              ///< gradients of a worker in a round
  std::function<CodingCost(Round k)> encoding = {};                   ///< of an upload, or an answer; empty: none
  std::function<CodingCost(Round k)> decoding = {};                   ///< of an upload; empty: none
  CodecCost downlink = {};                                            ///< of the model
  std::optional<Index> entries = {};                                  ///< of which an upload is encoded; nothing: all
  std::unique_ptr<Participation> participation;
  PerWorker<Trigger> trigger = {};  ///< asks for nothing but the round's number; empty: nobody is silent
};

Method sized_method(const Setup& s, SizedParts given, Summation uploads);

/// The generic round of such messages. Throws InputError for a downlink whose bits depend on the model.
Method sized_round(const Setup& s, Params& in, Slots slots, Summation uploads);

/// The bits of a compressor's messages: where they depend on the vector, those of one message a round, of noise that
/// all workers share.
std::function<std::uint64_t(Round)> upload_bits(const Setup& s, Params& in, const PerWorker<Compressor>& compressor);

/// w n
inline std::function<std::uint64_t(Round)> bits_of_reals(const Setup& s, Index n) {
  return [bits = static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(bits_of(s.round.wire))](Round) {
    return bits;
  };
}

}  // namespace laconic::methods
