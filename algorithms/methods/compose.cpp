#include "algorithms/methods/compose.hpp"

#include "algorithms/methods/compatible.hpp"
#include "algorithms/methods/summation.hpp"

namespace laconic::methods {
namespace {

WorkerParts worker_parts(const Setup& scenario, const Slots& s, int m) {
  WorkerParts parts{.oracle = scenario.problem.workers[static_cast<std::size_t>(m)].get(),
                    .sampler = s.sampler(m),
                    .local = s.local,
                    .momentum = s.momentum,
                    .memory = s.memory.make(m),
                    .trigger = s.trigger.make(m),
                    .compressor = s.compressor.make(m),
                    .postscripts = {},
                    .downlink = s.votes() ? nullptr : s.downlink.make(m),
                    .scaled_vote = s.aggregate.part->scaled(),
                    .update = s.votes() ? s.update.make(m) : nullptr};
  for (const PostscriptReader* reader : {static_cast<const PostscriptReader*>(s.participation.part.get()),
                                         static_cast<const PostscriptReader*>(s.update.part.get())})
    if (auto postscript = reader->postscript(m)) parts.postscripts.push_back(std::move(postscript));
  return parts;
}

}  // namespace

Method compose(const Setup& scenario, Params& in, const Defaults& defaults) {
  Slots slots = read_slots(scenario, in, defaults);
  refuse_incompatible(scenario, in, slots);
  Method method;
  method.uploads = summation_of(scenario, slots);
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
