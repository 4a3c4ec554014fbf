#include "algorithms/decentralised/compose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/graphs/facts.hpp"

namespace laconic::decentralised {

using namespace methods;
using namespace graphs;

namespace {

void refuse_graph(Params& in, const Graph& graph, const Needs& needs) {
  const auto refuse = [&](const std::string& why) { in.refuse("graph", fmt::format("\"{}\" {}", graph.kind, why)); };
  if (needs.fixed && !graph.fixed())
    refuse(
        "changes from round to round, and this method's nodes keep what fixed neighbours told them: \"d-psgd\" and "
        "\"sgp\" go with it");
  if (needs.symmetric && !symmetric(graph))
    refuse(
        fmt::format("with weights \"{}\" is not symmetric, which this method needs: choose an undirected graph with "
                    "\"metropolis\" weights",
                    graph.weights));
  if (needs.doubly_stochastic && !doubly_stochastic(graph))
    refuse(
        fmt::format("with weights \"{}\" is not doubly stochastic: the nodes' mean would not be kept. Choose other "
                    "weights, or \"sgp\", which needs none",
                    graph.weights));
}

// Slots of methods with a server that mean nothing here, or that a graph's methods have built in.
void refuse_slots(Params& in, const Needs& needs) {
  for (const char* slot : {"participation", "aggregate", "update", "downlink"})
    if (in.has(slot)) in.refuse(slot, "is a server's, and a method on a graph has none");
  if (in.has("memory"))
    in.refuse("memory",
              "a method on a graph says itself what its nodes keep: \"deepsqueeze\" feeds compression's errors "
              "back, \"choco-sgd\" sends differences");
  if (!needs.compressor && in.has("compressor"))
    in.refuse("compressor", "this method sends exact vectors: \"choco-sgd\", \"beer\" and \"lead\" compress");
}

void refuse_scenario(const Setup& s, Params& in, const Needs& needs) {
  if (s.late == Late::drop)
    refuse_deadlines(
        s, in,
        "a node that did without a neighbour would mix with weights that do not add up to 1: \"reuse\" goes "
        "on with what it has of it");
  if (needs.all_in_time) refuse_deadlines(s, in, needs.all_in_time);
  if (s.problem.objective != Reduction::mean && s.M() > 1)
    in.refuse("method", "minimises the mean of the nodes' objectives: set /problem/objective to \"mean\"");
}

}  // namespace

Round read_nodes(const Setup& scenario, Params& in, const Graph& graph, const Needs& needs,
                 const std::function<void(NodeParts parts)>& make) {
  in.look("graph", "the scenario's", "the name of a graph, or an object with its \"type\"", "whom nodes talk to");
  refuse_scenario(scenario, in, needs);
  refuse_slots(in, needs);
  refuse_graph(in, graph, needs);
  Setup s = scenario;
  s.step = read_schedule(in, "step", nullptr, "step size gamma_k of the nodes");
  const auto sampler = make_sampler(s, in, false);
  Round H = 1;
  if (needs.local_steps) H = in.count("local_steps", 1, 1, "H, gradient steps of a node between two messages");
  double delta = 1;
  if (needs.consensus_step != Needs::Delta::none)
    delta = in.number("consensus_step", needs.consensus_step == Needs::Delta::one ? std::optional(1.0) : std::nullopt,
                      positive, "delta, how far a node goes towards its neighbours");
  PerWorker<Compressor> compressor = [d = s.d()](int) { return std::make_unique<compressors::Identity>(d); };
  if (needs.compressor)
    compressor = make_compressor(s, in, "compressor", needs.compressor, "how what a node sends is encoded");
  const Vector start = make_start(s, in);
  for (int m = 0; m < s.M(); ++m)
    make({.number = m,
          .oracle = s.problem.workers[static_cast<std::size_t>(m)].get(),
          .sampler = sampler(m),
          .step = s.step,
          .H = H,
          .consensus_step = delta,
          .compressor = compressor(m),
          .start = start,
          .round = s.round});
  return H;
}

PeerMethod compose(const Setup& s, Params& in, const Graph& graph, const Needs& needs, const MakeNode& make) {
  PeerMethod method;
  method.local_steps =
      read_nodes(s, in, graph, needs, [&](NodeParts parts) { method.peers.push_back(make(std::move(parts))); });
  return method;
}

}  // namespace laconic::decentralised
