#include "algorithms/asynchronous/shadowheart.hpp"

#include <fmt/format.h>

namespace laconic::asynchronous {

using namespace methods;

namespace {

double omega_of(Params& in, const Compressor& compressor) {
  const auto refuse = [&](const char* why) {
    in.refuse("compressor",
              std::string(why) + ": choose \"identity\", \"rand-k\", \"qsgd\", \"terngrad\" or \"natural\"");
  };
  if (!compressor.lossy()) return 0;
  if (!compressor.omega()) refuse("shadowheart's weights are for an unbiased compressor of known variance");
  if (compressor.adds() == Adds::entries) refuse("its messages differ in length, which shadowheart plans with");
  return *compressor.omega();
}

std::uint64_t bits_of_message(const Compressor& compressor, const RoundOptions& options) {
  Message message;
  {
    Rng rng = stream_of(options, 0, 0);
    BitWriter out(message, options.wire);
    compressor.encode(Vector::Ones(options.d), rng, out);
  }
  return message.bits;
}

// h_m and t_m. Without a platform, which `laconic describe` has not, all are 1 s.
void measure(const Setup& s, Params& in, const PerWorker<Sampler>& samplers, std::uint64_t bits, std::vector<double>& h,
             std::vector<double>& t) {
  for (std::size_t m = 0; m < h.size(); ++m) {
    if (!s.cluster) continue;
    const auto& worker = s.cluster->workers[m];
    if (!(worker.bandwidth > 0))
      in.refuse("method", fmt::format("needs the bandwidth of each worker's way to the server, and worker {}'s is not "
                                      "known",
                                      m));
    h[m] = s.problem.workers[m]->flops(samplers(static_cast<int>(m))->draw(0)) / worker.speed;
    const std::uint64_t bytes = (bits + 7) / 8 + s.cluster->header;
    t[m] = worker.latency + static_cast<double>(bytes) / worker.bandwidth;
    if (!(h[m] > 0 && t[m] > 0))
      in.refuse("method", fmt::format("counts what a worker can do in a time, and worker {} takes none", m));
  }
}

}  // namespace

AsynchronousMethod shadowheart(const Setup& s, Params& in) {
  refuse_rounds(s, in);
  refuse_concurrency(in, "the plan says who works");
  const Schedule gamma = read_schedule(in, "step", nullptr, "step size gamma_k of the server's update");
  const auto samplers = make_sampler(s, in, false);
  const double r = in.number("r", {}, non_negative, "sigma^2/eps: a gradient's variance, over the accuracy wanted");
  Setup unbiased = s;
  unbiased.unbiased = true;
  const auto compressors =
      make_compressor(unbiased, in, "compressor", "identity", "how a worker's vector is encoded for the way up");
  auto compressor = compressors(0);
  refuse_decoding(in, *compressor);
  const double omega = omega_of(in, *compressor);
  const Vector start = make_start(s, in);

  std::vector<double> h(static_cast<std::size_t>(s.M()), 1), t = h;
  measure(s, in, samplers, bits_of_message(*compressor, s.round), h, t);
  const ShadowPlan plan = shadow_plan(h, t, omega, r);
  AsynchronousMethod method;
  for (std::size_t m = 0; m < h.size(); ++m) {
    method.shares.push_back({plan.gradients[m], plan.messages[m]});
    const int i = static_cast<int>(m);
    method.workers.push_back(std::make_unique<ShadowheartWorker>(i, *s.problem.workers[m], samplers(i), compressors(i),
                                                                 plan.gradients[m], plan.messages[m], s.round));
  }
  const double scale = s.problem.objective == Reduction::sum ? s.M() : 1;
  method.server = std::make_unique<ShadowheartServer>(
      ShadowheartServer::Parts{plan, omega, r, scale, gamma, std::move(compressor), start}, s.round);
  return method;
}

}  // namespace laconic::asynchronous
