#pragma once

#include <nlohmann/json.hpp>

#include "algorithms/aggregators/sums.hpp"
#include "algorithms/core/generic_worker.hpp"
#include "algorithms/core/setup.hpp"

namespace laconic::methods {

/// A method's default filling of the slots, by the names its parts have in JSON. An entry may refill each of them.
struct Defaults {
  bool stochastic = false;           ///< a mini-batch is required; else the default is all samples
  bool local = false;                ///< "H" local steps a round; else "local_steps" asks for them
  Round H = 0;                       ///< the default of "H"; 0: the entry must give it
  const char* local_update = "sgd";  ///< where there are local steps
  double momentum = 0;               ///< beta of the worker's momentum
  const char* compressor = "identity";
  bool unbiased = false;         ///< the compressor's own "unbiased"
  const char* memory = nullptr;  ///< default: "difference" for a lazy method that sends exact vectors, else "none"
  const char* trigger = "always";
  const char* participation = "all";
  const char* aggregate = nullptr;  ///< default: the objective's reduction
  const char* update = "gd";
  /// A step of the method's own, which takes the slot "update". Its Setup::step is the workers'.
  const PartEntry<Update>* own_update = nullptr;
  const char* downlink = "identity";
  nlohmann::json step = "1/L";  ///< null: the entry must give it
  /// The default step, where it depends on the compressor's variance omega.
  double (*step_of)(const Problem& problem, double omega) = nullptr;
  const char* step_meaning = "step size gamma_k of the server's update";
  bool asynchronous = false;  ///< no rounds: nobody is chosen for one, and no sum is formed
  /// Where workers take local steps: the default of "server_step", the server's own; nullptr: it steps by 1.
  const char* server_step = nullptr;
};

/// What one slot holds.
template <class Part>
struct Slot {
  const char* name;            ///< the part's, as in JSON
  PerWorker<Part> make;        ///< makes a worker's copy
  std::unique_ptr<Part> part;  ///< one copy to ask; if the server needs the part, this is the server's
};

/// What an entry and a method's defaults put into the slots, and whether they go together is not yet known.
struct Slots {
  PerWorker<Sampler> sampler;
  std::optional<LocalSteps> local;
  Slot<LocalUpdate> local_update;  ///< holds nothing without local steps
  double momentum;
  Slot<Compressor> compressor;
  Slot<Trigger> trigger;
  Slot<Participation> participation;
  Slot<Memory> memory;
  aggregators::Reuse reuse;    ///< what stands for a silent worker
  Slot<Aggregator> aggregate;  ///< holds nothing for an asynchronous method
  Slot<Update> update;
  bool finds_own_step;        ///< whether the update does, so that the entry gives none
  Slot<Compressor> downlink;  ///< holds nothing where a vote goes down
  Vector start;               ///< theta^0

  bool lazy() const { return trigger.part->lazy() || participation.part->lazy(); }
  bool votes() const { return aggregate.part && aggregate.part->votes(); }
};

/// Reads an entry, slot after slot, each with what those before it have settled. Throws InputError for what a part
/// does not admit.
Slots read_slots(const Setup& scenario, Params& in, const Defaults& defaults);

// Methods that are not composed of slots read some of the same keys with the functions below.

/// Reads "batch" and "batches".
PerWorker<Sampler> make_sampler(const Setup& s, Params& in, bool stochastic);
/// Reads "step" and the slot "update", which may ask for no side values. A `step` of null makes the key required.
PerWorker<Update> make_server_update(const Setup& s, Params& in, const nlohmann::json& step);
/// Reads the slot "local_update".
PerWorker<LocalUpdate> make_local_update(const Setup& s, Params& in, const char* fallback);
/// Reads "step", which a workload does without. A `fallback` of null makes it required else.
Schedule read_step(const Setup& s, Params& in, const nlohmann::json& fallback, const char* meaning);
/// Reads "start", theta^0; empty if there is no model.
Vector make_start(const Setup& s, Params& in);
/// Reads a slot that holds a compressor.
PerWorker<Compressor> make_compressor(const Setup& s, Params& in, const char* slot, const char* fallback,
                                      const char* meaning);

}  // namespace laconic::methods
