#include "algorithms/methods/compose.hpp"

#include "algorithms/core/generic_server.hpp"
#include "algorithms/core/generic_worker.hpp"
#include "algorithms/methods/compatible.hpp"
#include "algorithms/methods/sized.hpp"
#include "algorithms/methods/summation.hpp"

namespace laconic::methods {

WorkerParts worker_parts(const Setup& scenario, const Slots& s, int m) {
  WorkerParts parts{.oracle = scenario.problem.workers[static_cast<std::size_t>(m)].get(),
                    .sampler = s.sampler(m),
                    .local = s.local,
                    .local_update = s.local ? s.local_update.make(m) : nullptr,
                    .momentum = s.momentum,
                    .memory = s.memory.make(m),
                    .trigger = s.trigger.make(m),
                    .compressor = s.compressor.make(m),
                    .side_values = {},
                    .downlink = s.votes() ? nullptr : s.downlink.make(m),
                    .scaled_vote = s.votes() && s.aggregate.part->scaled(),
                    .update = s.votes() ? s.update.make(m) : nullptr};
  if (auto values = s.participation.part->side_values(m)) parts.side_values.push_back(std::move(values));
  if (auto values = s.update.part->side_values(m)) parts.side_values.push_back(std::move(values));
  return parts;
}

Method compose(const Setup& scenario, Params& in, const Defaults& defaults) {
  Slots slots = read_slots(scenario, in, defaults);
  refuse_incompatible(scenario, in, slots);
  Summation uploads = summation_of(scenario, slots);
  if (scenario.problem.workload) return sized_round(scenario, in, std::move(slots), std::move(uploads));
  refuse_default_step(in, defaults, slots);
  Method method;
  method.uploads = std::move(uploads);
  if (slots.local) method.local_steps = slots.local->H;
  for (int m = 0; m < scenario.M(); ++m)
    method.workers.push_back(make_worker(m, worker_parts(scenario, slots, m), slots.start, scenario.round));
  method.server = make_server({.participation = std::move(slots.participation.part),
                               .aggregator = std::move(slots.aggregate.part),
                               .update = std::move(slots.update.part),
                               .compressor = std::move(slots.compressor.part),
                               .downlink = std::move(slots.downlink.part)},
                              slots.start, scenario.round);
  return method;
}

}  // namespace laconic::methods
