#include "algorithms/methods/streaming_diloco.hpp"

#include <fmt/format.h>

#include "algorithms/methods/blocks.hpp"
#include "algorithms/updates/nesterov.hpp"

namespace laconic::methods {
namespace {

void refuse_slots(Params& in) {
  for (const char* slot : {"compressor", "memory", "trigger", "participation", "aggregate", "update", "downlink",
                           "momentum", "local_steps"})
    if (in.has(slot))
      in.refuse(slot, "a model in \"fragments\" is not composed of slots: \"local_update\" is the one that it has");
}

}  // namespace

Method streaming_diloco(const Setup& s, Params& in, Round P, Round delay, double alpha) {
  refuse_workload(s, in);
  refuse_slots(in);
  refuse_deadlines(s, in, "workers keep parts of the model that do not go down again before their turn");
  const auto walks = read_local_walks(s, in, 500, "adamw");
  if (P > static_cast<Round>(s.d())) in.fail("fragments", fmt::format("at most the {} entries of the model", s.d()));
  if (walks.H % P != 0) in.fail("fragments", fmt::format("a number that divides the {} local steps of \"H\"", walks.H));
  if (delay >= walks.H / P)
    in.fail("delay", fmt::format("fewer than the {} steps from one fragment to the next", walks.H / P));
  const Schedule g = read_schedule(in, "server_step", "0.7", "g, step size of the server's update");
  const double b = updates::read_server_momentum(in, 0.9);
  const Vector start = make_start(s, in);
  const Fragments fragments{s.d(), P};
  Method method;
  method.local_steps = walks.H / P;
  for (int m = 0; m < s.M(); ++m)
    method.workers.push_back(std::make_unique<StreamingDilocoWorker>(walks.make(m), fragments, delay, alpha, s.round));
  method.uploads = {.code = [fragments, w = bits_of(s.round.wire)](Round k) {
    return SumCode{Adds::reals, fragments.sent_in(k).size, w};
  }};
  method.server = std::make_unique<StreamingDilocoServer>(s.M(), fragments, g, b, start, s.round.wire);
  return method;
}

}  // namespace laconic::methods
