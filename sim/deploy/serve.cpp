#include "sim/deploy/serve.hpp"

namespace laconic::deploy {

using namespace scenario;

run::JobResult serve(Served& served) {
  const AlgorithmEntry& algorithm = served.scenario.algorithms[served.i];
  if (algorithm.graph) return serve_graph(served);
  return is_asynchronous(algorithm) ? serve_asynchronous(served) : serve_rounds(served);
}

}  // namespace laconic::deploy
