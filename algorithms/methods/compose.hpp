#pragma once

#include <nlohmann/json.hpp>

#include "algorithms/core/setup.hpp"

namespace laconic::methods {

/// A method's default filling of the slots, by the names its parts have in JSON. An entry may refill each of them.
struct Slots {
  bool stochastic = false;  ///< a mini-batch is required; else the default is all samples
  bool local = false;       ///< "H" local steps a round; else "local_steps" asks for them
  double momentum = 0;      ///< of the worker
  const char* compressor = "identity";
  bool unbiased = false;         ///< the compressor's own "unbiased"
  const char* memory = nullptr;  ///< default: "difference" for a lazy method that sends exact vectors, else "none"
  const char* trigger = "always";
  const char* participation = "all";
  const char* aggregate = nullptr;  ///< default: the objective's reduction
  const char* update = "gd";
  const char* downlink = "identity";
  nlohmann::json step = "1/L";  ///< null: the entry must give it
};

/// Reads the entry's parameters and slots and builds the generic round from them.
/// Throws InputError for what cannot be combined, and says why.
Method compose(Setup setup, Params& in, const Slots& defaults);  // setup by value: the step is read into it

// What compose reads an entry with, for methods that are not composed of slots.

/// "batch" and "batches".
PerWorker<Sampler> make_sampler(const Setup& s, Params& in, bool stochastic);
/// "start": theta^0.
Vector make_start(const Setup& s, Params& in);
/// A slot that holds a compressor.
PerWorker<Compressor> make_compressor(const Setup& s, Params& in, const char* slot, const char* fallback,
                                      const char* meaning);

/// What `laconic describe` says of a method. The box is the paper's, in its symbols.
struct MethodDoc {
  const char* title;
  const char* box;
  const char* differences;  ///< from the paper
  const char* bits;         ///< of an upload
  const char* citation;
  const char* down = "w d";  ///< bits of a download
};

struct MethodEntry {
  const char* name;
  Method (*make)(const Setup& setup, Params& in);
  const MethodDoc& doc;
};

}  // namespace laconic::methods
