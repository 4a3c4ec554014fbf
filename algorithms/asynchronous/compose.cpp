#include "algorithms/asynchronous/compose.hpp"

#include <fmt/format.h>

#include "algorithms/asynchronous/model_server.hpp"
#include "algorithms/core/generic_worker.hpp"
#include "algorithms/methods/compatible.hpp"

namespace laconic::asynchronous {

using namespace methods;

void refuse_rounds(const Setup& s, Params& in) {
  refuse_deadlines(s, in, "an asynchronous method has no rounds that could end without somebody");
  if (in.has("participation"))
    in.refuse("participation",
              "an asynchronous method has no rounds to take part in: whoever is done is answered (\"concurrency\" says "
              "how many workers compute at a time)");
  if (in.has("aggregate"))
    in.refuse("aggregate",
              "an asynchronous server takes uploads one by one: there are no votes to count, and what it makes of them "
              "is the method's");
}

namespace {

void refuse_slots(Params& in, const Slots& slots, const Rule& rule) {
  if (slots.trigger.part->lazy() && !rule.admits_silence())
    in.refuse("trigger", fmt::format("\"{}\" leaves workers silent, and a server that answers what arrives would not "
                                     "move: \"iag\" goes on with what they sent before",
                                     slots.trigger.name));
  if (slots.finds_own_step || slots.update.part->side_values(0) || slots.update.part->side_values_down() > 0)
    in.refuse("update", fmt::format("\"{}\" needs numbers from all workers in a round, and an asynchronous method has "
                                    "no rounds",
                                    slots.update.name));
  if (!(slots.downlink.part->encoding == CodingCost{}))
    in.refuse("downlink",
              fmt::format("\"{}\" would be encoded for each worker anew, for which the server takes no time "
                          "here: have its encoding cost nothing",
                          slots.downlink.name));
  refuse_decoding(in, *slots.compressor.part);
}

}  // namespace

void refuse_decoding(Params& in, const Compressor& compressor) {
  if (!(compressor.decoding == CodingCost{}))
    in.refuse(
        "compressor",
        "its messages would be decoded as each comes, for which the server takes no time here: have their decoding "
        "cost nothing");
}

Concurrency read_concurrency(const Setup& s, Params& in) {
  if (!in.look("concurrency", "M", "a whole number, 1 or more",
               "workers that compute at a time; who is done joins the idle ones, of whom one is drawn"))
    return {s.M()};
  const auto busy = in.count("concurrency", {}, 1, "workers that compute at a time");
  if (busy > s.M()) in.fail("concurrency", fmt::format("at most the {} workers", s.M()));
  return {static_cast<int>(busy)};
}

void refuse_concurrency(Params& in, const char* why) {
  if (in.has("concurrency")) in.refuse("concurrency", std::string("leaves workers idle, and ") + why);
}

AsynchronousMethod compose(const Setup& s, Params& in, Defaults defaults, Concurrency concurrency,
                           std::unique_ptr<Rule> rule, double rho) {
  refuse_rounds(s, in);
  defaults.asynchronous = true;
  defaults.step = nullptr;
  Slots slots = read_slots(s, in, defaults);
  refuse_slots(in, slots, *rule);
  refuse_incompatible(s, in, slots);
  if (slots.local) slots.local->rho = rho;

  AsynchronousMethod method;
  method.shares.assign(static_cast<std::size_t>(s.M()), {slots.local ? slots.local->H : 1, 1});
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(make_worker(m, worker_parts(s, slots, m), slots.start, s.round));
  const bool sum = s.problem.objective == Reduction::sum && !slots.local;
  ModelServerParts parts;
  parts.rule = std::move(rule);
  parts.model.theta = slots.start;
  parts.model.update = std::move(slots.update.part);
  parts.compressor = std::move(slots.compressor.part);
  parts.downlink = std::move(slots.downlink.part);
  parts.shift = slots.memory.part->shift();
  parts.scale = sum ? static_cast<double>(s.M()) : 1;
  parts.concurrency = concurrency;
  method.server = make_model_server(s.M(), std::move(parts), s.round);
  return method;
}

}  // namespace laconic::asynchronous
