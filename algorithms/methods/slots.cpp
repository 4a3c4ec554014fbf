#include "algorithms/methods/slots.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/compressors/damped.hpp"
#include "algorithms/data/sampler.hpp"
#include "algorithms/methods/registry.hpp"

namespace laconic::methods {

using namespace data;
using namespace compressors;
using namespace aggregators;

namespace {

// The table's line that a slot is filled with: the entry's choice, or the method's own. (A pointer, as g++ 13 believes
// that a reference points into the arguments.)
template <class Entry>
const Entry* chosen(Params& in, const char* slot, const std::string& fallback, std::span<const Entry> table,
                    const char* meaning, const char* fallback_words = nullptr) {
  return find(table, in.part_name(slot, fallback, names_of(table), meaning, fallback_words));
}

template <class Part>
Slot<Part> filled(const PartEntry<Part>& entry, const char* slot, const Setup& s, Params& in) {
  Params own = in.part(slot);
  PerWorker<Part> make;
  if constexpr (std::is_same_v<Part, Compressor>)
    make = compressor_of(entry, s, own);
  else
    make = entry.make(s, own);
  auto part = make(0);
  return {entry.name, std::move(make), std::move(part)};
}

Slot<Compressor> compressor_slot(const Setup& s, Params& in, const char* slot, const char* fallback,
                                 const char* meaning) {
  return filled(*chosen(in, slot, fallback, compressors(), meaning), slot, s, in);
}

std::optional<LocalSteps> read_local_steps(const Setup& s, Params& in, const Defaults& defaults) {
  const char* meaning =
      "gradient steps of a worker between two messages; it sends how far it moved, and the server steps by 1";
  if (defaults.local)
    return LocalSteps{in.count("H", defaults.H > 0 ? std::optional(defaults.H) : std::nullopt, 1, meaning), s.step};
  if (!in.look("local_steps", "none", "a whole number, 1 or more", meaning)) return {};
  return LocalSteps{in.count("local_steps", {}, 1, meaning), s.step};
}

Slot<LocalUpdate> local_update_slot(const Setup& s, Params& in, const char* fallback) {
  return filled(*chosen(in, "local_update", fallback, local_updates(),
                        "how a worker takes its local steps; what it keeps stays with the worker between rounds"),
                "local_update", s, in);
}

Slot<LocalUpdate> read_local_update(const Setup& s, Params& in, const Defaults& defaults, bool local) {
  if (local) return local_update_slot(s, in, defaults.local_update);
  if (in.has("local_update"))
    in.refuse("local_update", "says how a worker takes local steps, and this entry has none: give \"local_steps\"");
  return {};
}

const PartEntry<Update>& choose_update(Params& in, const Defaults& defaults) {
  if (!defaults.own_update) return *chosen(in, "update", defaults.update, updates(), "the server's step");
  if (in.has("update"))
    in.refuse("update", fmt::format("\"{}\" is the server's step itself", defaults.own_update->name));
  return *defaults.own_update;
}

// What a part may know of what was read before it.

Setup with_step(Setup s, const Schedule& step, bool unbiased) {
  s.step = step;
  s.unbiased = unbiased;
  return s;
}

Setup with_uploads(Setup s, const Compressor& compressor, const Participation& participation) {
  s.omega = compressor.omega();
  s.clients = participation.clients().value_or(s.M());
  return s;
}

// Where the worker's vector has the step in it, the server steps by 1.
Setup at_server(Setup s, bool worker_steps) {
  if (worker_steps) s.step = Schedule{};
  return s;
}

// For parts that hold vectors: none of a workload's does, though it is asked what it would do.
Setup without_vectors(Setup s) {
  if (s.problem.workload) s.layer = ParameterBlock{"", 0, 1, 1};
  return s;
}

Schedule step_of_update(const Setup& s, Params& in, const PartEntry<Update>& update, const Defaults& defaults) {
  if (!update.finds_own_step) return read_step(s, in, defaults.step, defaults.step_meaning);
  if (in.has("step")) in.refuse("step", fmt::format("update \"{}\" finds its own step", update.name));
  return {};
}

const PartEntry<Memory>& choose_memory(Params& in, const Defaults& defaults, const Compressor& compressor, bool lazy) {
  const bool differences = compressor.innovation() || (lazy && !compressor.lossy());
  const char* fallback = differences ? "difference" : "none";
  return *chosen(in, "memory", defaults.memory ? defaults.memory : fallback, memories(),
                 "what a worker keeps to repair its compression");
}

// A memory that compresses its own errors again needs a contraction, which an unbiased compressor is once it is damped.
void make_contraction(Params& in, Slot<Compressor>& compressor, const Slot<Memory>& memory) {
  if (!memory.part->needs_contraction()) return;
  const auto delta = compressor.part->delta(), omega = compressor.part->omega();
  if (delta && (*delta > 0 || !omega) && *delta >= 0) return;
  if (!omega)
    in.refuse("compressor", fmt::format("\"{}\" is no contraction, and memory \"{}\" would pile up its errors without "
                                        "end: choose \"scaled-sign\", \"top-k\" or an unbiased compressor",
                                        compressor.name, memory.name));
  const auto damped = [make = std::move(compressor.make), omega = *omega](int m) {
    return std::make_unique<Damped>(make(m), omega);
  };
  compressor.part = damped(0);
  compressor.make = damped;
}

Reuse reuse_of(const Memory& memory, bool reused) {
  if (const auto shift = memory.shift()) return {Reuse::Kind::running, *shift};
  return reused ? Reuse{Reuse::Kind::latest} : Reuse{};
}

const AggregateEntry& choose_aggregate(const Setup& s, Params& in, const Defaults& defaults, bool local) {
  const char* fallback = local || s.problem.objective == Reduction::mean ? "mean" : "sum";
  return *chosen(in, "aggregate", defaults.aggregate ? defaults.aggregate : fallback, aggregates(),
                 "what the server makes of the workers' vectors",
                 defaults.aggregate || local ? nullptr : "the objective's");
}

}  // namespace

Schedule read_step(const Setup& s, Params& in, const nlohmann::json& fallback, const char* meaning) {
  return read_schedule(in, "step", s.problem.workload ? nlohmann::json(1) : fallback, meaning);
}

PerWorker<Sampler> make_sampler(const Setup& s, Params& in, bool stochastic) {
  if (s.problem.workload) {
    for (const char* key : {"batch", "batches"})
      if (in.has(key)) in.refuse(key, "a workload's step has as many samples as /problem/batch says");
    return [](int) { return full_batches(1); };
  }
  Index smallest = s.problem.workers.front()->samples();
  for (const auto& f_m : s.problem.workers) smallest = std::min(smallest, f_m->samples());
  const auto samples = [&problem = s.problem](int m) {
    return problem.workers[static_cast<std::size_t>(m)]->samples();
  };
  if (!stochastic && !in.look("batch", "all samples", "a whole number, 1 or more", "samples of each gradient")) {
    if (in.has("batches")) in.refuse("batches", "says how a mini-batch is drawn, and this entry has no \"batch\"");
    return [samples](int m) { return full_batches(samples(m)); };
  }
  const Index b = in.count("batch", {}, 1, "samples of each gradient");
  if (b > smallest) in.fail("batch", fmt::format("at most the {} samples of the smallest worker", smallest));
  const bool cyclic =
      in.choice("batches", s.batches, {"uniform", "cyclic"},
                "drawn at random without replacement, or the next ones in the worker's order") == "cyclic";
  return [=, seed = s.round.seed](int m) {
    return cyclic ? cyclic_batches(samples(m), b) : uniform_batches(samples(m), b, seed, m);
  };
}

Vector make_start(const Setup& s, Params& in) {
  const auto* start =
      in.look("start", "0", "a number, a list of d numbers, or \"normal\"",
              "theta^0; one number fills all entries; normal: drawn from N(0, I), alike for all methods");
  if (s.problem.workload) {
    if (start) in.refuse("start", "a workload has no model");
    return {};
  }
  if (!start) return s.problem.start.size() > 0 ? s.problem.start : Vector::Zero(s.d());
  if (start->is_number()) return Vector::Constant(s.d(), start->get<double>());
  Vector theta(s.d());
  if (*start == "normal") {
    Rng rng(s.round.seed, Purpose::start);
    for (double& entry : theta) entry = rng.normal();
    return theta;
  }
  if (!start->is_array() || static_cast<Index>(start->size()) != s.d())
    in.fail("start", fmt::format("a number, a list of d = {} numbers, or \"normal\"", s.d()));
  for (Index i = 0; i < s.d(); ++i) {
    const auto& entry = (*start)[static_cast<std::size_t>(i)];
    if (!entry.is_number()) in.fail("start", fmt::format("a number, a list of d = {} numbers, or \"normal\"", s.d()));
    theta[i] = entry.get<double>();
  }
  return theta;
}

PerWorker<Compressor> make_compressor(const Setup& s, Params& in, const char* slot, const char* fallback,
                                      const char* meaning) {
  return compressor_slot(s, in, slot, fallback, meaning).make;
}

PerWorker<Update> make_server_update(const Setup& s, Params& in, const nlohmann::json& step) {
  const auto& entry = *chosen(in, "update", "gd", updates(), "the server's step");
  if (entry.finds_own_step) in.refuse("update", fmt::format("\"{}\" steps along a vote", entry.name));
  const Defaults defaults{.step = step};
  auto update =
      filled(entry, "update", without_vectors(with_step(s, step_of_update(s, in, entry, defaults), false)), in);
  if (update.part->side_values(0))
    in.refuse("update", fmt::format("\"{}\" asks the workers for numbers beneath their vectors, and this method's "
                                    "messages have none",
                                    entry.name));
  return std::move(update.make);
}

PerWorker<LocalUpdate> make_local_update(const Setup& s, Params& in, const char* fallback) {
  return local_update_slot(s, in, fallback).make;
}

namespace {

// Nobody knows who would upload where vectors decide.
void refuse_deciding_vectors(const Setup& s, Params& in, const std::string& trigger, const std::string& participation) {
  if (!s.problem.workload) return;
  const auto refuse = [&](const char* slot, const std::string& part, const char* others) {
    in.refuse(in.has(slot) ? slot : "method",
              fmt::format("{} \"{}\" looks at gradients and models to decide who uploads, and a workload has none: "
                          "choose {}",
                          slot, part, others));
  };
  if (trigger != "always" && trigger != "every") refuse("trigger", trigger, "\"always\" or \"every\"");
  if (participation != "all" && participation != "sampled")
    refuse("participation", participation, "\"all\" or \"sampled\"");
}

}  // namespace

Slots read_slots(const Setup& scenario, Params& in, const Defaults& defaults) {
  const auto& update = choose_update(in, defaults);
  Setup stepped = with_step(scenario, step_of_update(scenario, in, update, defaults), defaults.unbiased);
  auto sampler = make_sampler(stepped, in, defaults.stochastic);
  auto local = read_local_steps(stepped, in, defaults);
  auto local_update = read_local_update(without_vectors(stepped), in, defaults, local.has_value());
  const double momentum = in.number("momentum", defaults.momentum, {"a number from 0 to below 1", 0, 1, false, true},
                                    "of the worker: v = momentum v + (1 - momentum) g is sent in place of g");

  const auto& compressor_entry =
      *chosen(in, "compressor", defaults.compressor, compressors(), "how a worker's vector is encoded for the way up");
  const auto& trigger_entry =
      *chosen(in, "trigger", defaults.trigger, triggers(), "whether a worker uploads: its own say");
  const auto& participation_entry =
      *(defaults.asynchronous ? find(participations(), defaults.participation)
                              : chosen(in, "participation", defaults.participation, participations(),
                                       "who takes part in a round: the server's say"));
  refuse_deciding_vectors(scenario, in, trigger_entry.name, participation_entry.name);
  auto compressor = filled(compressor_entry, "compressor", stepped, in);
  if (const auto omega = compressor.part->omega();
      omega && defaults.step_of && scenario.problem.smooth() && !in.has("step")) {
    stepped.step.a = defaults.step_of(scenario.problem, *omega);
    if (local) local->gamma = stepped.step;
  }
  auto trigger = filled(trigger_entry, "trigger", without_vectors(at_server(stepped, local.has_value())), in);
  auto participation = filled(participation_entry, "participation", without_vectors(stepped), in);

  const Setup s = without_vectors(with_uploads(stepped, *compressor.part, *participation.part));
  const bool lazy = trigger.part->lazy() || participation.part->lazy();
  auto memory = filled(choose_memory(in, defaults, *compressor.part, lazy), "memory", s, in);
  make_contraction(in, compressor, memory);
  const Reuse reuse = reuse_of(*memory.part, lazy || s.late == Late::reuse);
  Slot<Aggregator> aggregate{};
  if (!defaults.asynchronous) {
    const auto& entry = choose_aggregate(s, in, defaults, local.has_value());
    aggregate = {entry.name, {}, entry.make(s, reuse)};
  }
  Setup server = at_server(s, local || memory.part->applies_step());
  if (defaults.server_step)
    server.step = read_schedule(in, "server_step", defaults.server_step, "step size of the server's update");
  if (defaults.own_update) server.step = stepped.step;
  auto server_update = filled(update, "update", server, in);
  Slot<Compressor> downlink{};
  if (!aggregate.part || !aggregate.part->votes())
    downlink = compressor_slot(stepped, in, "downlink", defaults.downlink, "how the model is encoded for the way down");

  return {.sampler = std::move(sampler),
          .local = local,
          .local_update = std::move(local_update),
          .momentum = momentum,
          .compressor = std::move(compressor),
          .trigger = std::move(trigger),
          .participation = std::move(participation),
          .memory = std::move(memory),
          .reuse = reuse,
          .aggregate = std::move(aggregate),
          .update = std::move(server_update),
          .finds_own_step = update.finds_own_step,
          .downlink = std::move(downlink),
          .start = make_start(s, in)};
}

}  // namespace laconic::methods
