#pragma once

#include "algorithms/core/endpoints.hpp"
#include "algorithms/methods/slots.hpp"

namespace laconic::methods {

/// Reads the entry's parameters and slots and builds the generic round from them.
/// Throws InputError for what cannot be combined, and says why.
Method compose(const Setup& scenario, Params& in, const Defaults& defaults);

/// What worker m is made of.
WorkerParts worker_parts(const Setup& scenario, const Slots& slots, int m);

/// What `laconic describe` says of a method. The box is the paper's, in its symbols.
struct MethodDoc {
  const char* title;
  const char* box;
  const char* differences;  ///< what differs from the paper
  const char* bits;         ///< payload bits of an upload
  const char* citation;
  const char* down = "w d";  ///< payload bits of a download
  int exchanges = 1;         ///< of a round; a worker's uploads and downloads have as many bits all together
};

struct MethodEntry {
  const char* name;
  Method (*make)(const Setup& setup, Params& in);
  const MethodDoc& doc;
};

}  // namespace laconic::methods
