#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "algorithms/base/params.hpp"
#include "algorithms/core/coding.hpp"
#include "algorithms/core/late.hpp"
#include "algorithms/core/problem.hpp"
#include "algorithms/core/schedule.hpp"

namespace laconic {

/// What a method may know of its cluster beforehand: each worker's speed, flop/s, and its idle way to the server, s and
/// byte/s (0: unknown).
struct ClusterFacts {
  struct Worker {
    double speed = 0, latency = 0, bandwidth = 0;
  };
  std::vector<Worker> workers;
  double server_speed = 0;   ///< flop/s
  std::uint64_t header = 0;  ///< bytes of a message beyond its payload
};

/// What a codec costs, and the costs of codecs by their names: compressors', and those of methods that are codecs.
struct CodecCost {
  CodingCost encode, decode;
};
using CodecCosts = std::map<std::string, CodecCost>;

/// What every part may know when it is made.
struct Setup {
  const Problem& problem;
  RoundOptions round;
  std::string batches = "uniform";           ///< the scenario's default for the entries' "batches"
  Schedule step = {};                        ///< gamma_k, known once the entry's "step" is read
  std::optional<double> omega = {};          ///< the compressor's variance, once it is made, if it is unbiased
  int clients = 0;                           ///< workers whose vectors are averaged, once the participation is made
  bool unbiased = false;                     ///< the method's default for its compressor's "unbiased"
  std::optional<ParameterBlock> layer = {};  ///< the part of the model that a compressor is made for; absent: all
  Late late = Late::wait;                    ///< what is done without late workers
  const ClusterFacts* cluster = nullptr;     ///< nullptr: there is none
  const CodecCosts* codecs = nullptr;        ///< what is stated of their costs; nullptr: nothing

  Index d() const { return layer ? layer->rows * layer->cols : problem.d; }
  int M() const { return problem.M(); }
  /// What a codec of that name costs.
  CodecCost cost_of(const std::string& codec, bool lossy) const {
    const CodecCost otherwise{{lossy ? round.compress_flops_per_entry : 0, 0}, {}};
    if (!codecs) return otherwise;
    const auto found = codecs->find(codec);
    return found == codecs->end() ? otherwise : found->second;
  }
};

/// For methods that take for granted that everybody who takes part is heard.
inline void refuse_deadlines(const Setup& s, Params& in, const std::string& why) {
  if (s.late == Late::wait) return;
  if (in.has("late")) in.refuse("late", "the method cannot keep deadlines: " + why);
  in.refuse("method", "cannot keep the deadlines of /conditions/late: " + why);
}

/// The L_m, which a rule cannot do without. Throws InputError where nothing is known of them.
inline const std::vector<double>& known_smoothness(const Setup& s, Params& in, const char* rule) {
  if (!s.problem.smooth())
    in.refuse("participation", std::string("\"") + rule +
                                   "\" needs the smoothness constants L_m of the workers' objectives, which this "
                                   "problem does not know: \"lasg-pse\" estimates them on the way");
  return s.problem.L_m;
}

/// One line of a table of parts: what JSON calls it, how it is made, what `laconic describe` says.
/// `make` reads the part's parameters and returns what makes worker m's copy.
template <class Part>
struct PartEntry {
  const char* name;
  PerWorker<Part> (*make)(const Setup& setup, Params& in);
  const char* summary;
  const char* bits;  ///< payload bits, for compressors; else nullptr
  const char* source;
  bool finds_own_step = false;  ///< for updates: whether it finds its step itself, so that the entry gives none
};

}  // namespace laconic
