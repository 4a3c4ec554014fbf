#include "algorithms/methods/local_worker.hpp"

#include "algorithms/methods/registry.hpp"
#include "algorithms/participation/all.hpp"
#include "algorithms/participation/sampled.hpp"

namespace laconic::methods {

LocalWalks read_local_walks(const Setup& s, Params& in, Round H, const char* local_update) {
  const LocalSteps steps{in.count("H", H, 1, "gradient steps of a worker between two messages"),
                         read_schedule(in, "step", nullptr, "step size gamma_s of a worker's step s")};
  auto samplers = make_sampler(s, in, true);
  auto local_updates = make_local_update(s, in, local_update);
  return {steps.H, [=, &problem = s.problem](int m) {
            return LocalWalk(*problem.workers[static_cast<std::size_t>(m)], samplers(m), steps, local_updates(m));
          }};
}

std::unique_ptr<Participation> read_clients(const Setup& s, Params& in, bool& all) {
  all = !in.look("clients", "all workers", "a positive number: a count, or a share of the workers below 1",
                 "workers that take part in a round");
  return (all ? participation::all_take_part(s, in) : participation::sampled(s, in))(0);
}

}  // namespace laconic::methods
