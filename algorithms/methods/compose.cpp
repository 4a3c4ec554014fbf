#include "algorithms/methods/compose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/data/sampler.hpp"
#include "algorithms/methods/registry.hpp"

namespace laconic {
namespace {

// The part a slot is filled with: the entry's, or the method's own.
template <class Entry>
const Entry& chosen(Params& in, const char* slot, const std::string& fallback, std::span<const Entry> table,
                    const char* meaning) {
  return *find(table, in.part_name(slot, fallback, names_of(table), meaning));
}

template <class Part>
PerWorker<Part> make(const PartEntry<Part>& entry, const char* slot, const Setup& setup, Params& in) {
  Params own = in.part(slot);
  return entry.make(setup, own);
}

using MakeSampler = std::function<std::unique_ptr<Sampler>(int m)>;

MakeSampler make_sampler(const Setup& s, Params& in, bool stochastic) {
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
      in.look("start", "0", "a number, or a list of d numbers", "theta^0; one number fills all entries");
  if (!start) return Vector::Zero(s.d());
  if (start->is_number()) return Vector::Constant(s.d(), start->get<double>());
  if (!start->is_array() || static_cast<Index>(start->size()) != s.d())
    in.fail("start", fmt::format("a number, or a list of d = {} numbers", s.d()));
  Vector theta(s.d());
  for (Index i = 0; i < s.d(); ++i) {
    const auto& entry = (*start)[static_cast<std::size_t>(i)];
    if (!entry.is_number()) in.fail("start", fmt::format("a number, or a list of d = {} numbers", s.d()));
    theta[i] = entry.get<double>();
  }
  return theta;
}

}  // namespace

Method compose(Setup s, Params& in, const Slots& slots) {
  s.step = in.schedule("step", slots.step, "step size gamma_k of the server's update");
  const auto samplers = make_sampler(s, in, slots.stochastic);
  const auto& compressor =
      chosen(in, "compressor", slots.compressor, compressors(), "how a worker's vector is encoded for the way up");
  const auto& trigger = chosen(in, "trigger", slots.trigger, triggers(), "whether a worker uploads: its own say");
  const auto& participation =
      chosen(in, "participation", slots.participation, participations(), "who takes part in a round: the server's say");
  const auto compressor_parts = make(compressor, "compressor", s, in);
  const auto trigger_parts = make(trigger, "trigger", s, in);
  auto participation_part = make(participation, "participation", s, in)(0);

  const bool worker_lazy = trigger_parts(0)->lazy(), server_lazy = participation_part->lazy();
  if (worker_lazy && server_lazy)
    in.refuse("trigger",
              fmt::format("\"{}\" judges by every round's model, which participation \"{}\" does not send to "
                          "all workers: choose one of the two",
                          trigger.name, participation.name));
  const bool lazy = worker_lazy || server_lazy;
  const bool exact = !compressor_parts(0)->lossy();
  const auto& memory = chosen(in, "memory",
                              slots.memory    ? slots.memory
                              : lazy && exact ? "difference"
                                              : "none",
                              memories(), "what a worker keeps to repair its compression");
  const auto memory_parts = make(memory, "memory", s, in);
  const bool differences = std::string_view(memory.name) == "difference";
  const auto reuse = differences ? Reuse::running : lazy ? Reuse::latest : Reuse::none;
  const char* objective = s.problem.objective == Reduction::sum ? "sum" : "mean";
  const auto& aggregate = chosen(in, "aggregate", slots.aggregate ? slots.aggregate : objective, aggregates(),
                                 "what the server makes of the workers' vectors");

  const auto& update = chosen(in, "update", slots.update, updates(), "the server's step");
  Setup applied = s;
  if (std::string_view(memory.name) == "scaled-error-feedback") applied.step = Schedule{};  // the step is in the memory
  auto update_part = make(update, "update", applied, in)(0);
  std::shared_ptr<const Compressor> downlink =
      make(chosen(in, "downlink", slots.downlink, compressors(), "how the model is encoded for the way down"),
           "downlink", s, in)(0);

  Method method;
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(make_worker(m,
                                         {.oracle = s.problem.workers[static_cast<std::size_t>(m)].get(),
                                          .sampler = samplers(m),
                                          .memory = memory_parts(m),
                                          .trigger = trigger_parts(m),
                                          .compressor = compressor_parts(m),
                                          .downlink = downlink.get()},
                                         s.round));
  method.server = make_server({.participation = std::move(participation_part),
                               .aggregator = aggregate.make(s, reuse),
                               .update = std::move(update_part),
                               .compressor = compressor_parts(0),
                               .downlink = downlink},
                              make_start(s, in), s.round);
  return method;
}

}  // namespace laconic
