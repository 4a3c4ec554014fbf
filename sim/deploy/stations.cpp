#include "sim/deploy/stations.hpp"

#include <fmt/format.h>

#include "sim/deploy/asynchronous_stations.hpp"
#include "sim/deploy/node_stations.hpp"

namespace laconic::deploy {

using namespace rounds;
using namespace scenario;

int Placement::rank_of(int m) const {
  int holder = static_cast<int>(std::int64_t{m} * holders_ / M_);
  while (m >= block(holder + 1)) ++holder;
  while (m < block(holder)) --holder;
  return first_ + holder;
}

std::pair<int, int> Placement::of_rank(int rank) const {
  if (rank < first_) return {0, 0};
  return {block(rank - first_), block(rank - first_ + 1)};
}

std::string Placement::words(int rank) const {
  const auto [begin, end] = of_rank(rank);
  const std::string workers = begin == end       ? ""
                              : end - begin == 1 ? fmt::format("worker {}", begin)
                                                 : fmt::format("workers {} to {}", begin, end - 1);
  return rank > 0 ? workers : workers.empty() ? "the server" : "the server and " + workers;
}

WorkerStations::WorkerStations(Method method, std::pair<int, int> own, int run, Post& post)
    : method_(std::move(method)), first_(own.first), run_(run), post_(post) {
  const bool votes_go_down = !method_.server->broadcasts();
  for (int m = own.first; m < own.second; ++m)
    ends_.emplace_back(*method_.workers[static_cast<std::size_t>(m)], votes_go_down);
}

void WorkerStations::start() {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const std::int64_t began = now_ns();
    if (const auto first = ends_[i].start()) answer(first_ + static_cast<int>(i), *first, began, began);
  }
}

void WorkerStations::take(const Letter& letter) {
  const Header& h = letter.header;
  const std::int64_t began = now_ns();
  const auto said =
      ends_.at(static_cast<std::size_t>(h.to - first_)).take(h.round, letter.message(), h.kind == Kind::again);
  answer(h.to, said, letter.taken_ns, began);
}

void WorkerStations::answer(int m, const WorkerApart::Upload& said, std::int64_t arrived_ns, std::int64_t began_ns) {
  Worker& worker = *method_.workers[static_cast<std::size_t>(m)];
  Header h{.kind = said.message ? Kind::up : Kind::silent, .run = run_, .from = m, .to = -1, .round = said.k};
  h.bits = said.message ? said.message->bits : 0;
  h.flops = worker.flops();
  h.arrived_ns = arrived_ns;
  h.began_ns = began_ns;
  post_.send(0, h, said.message ? std::span<const std::byte>(said.message->bytes) : std::span<const std::byte>());
  if (said.message) worker.upload_decided(true);
}

std::unique_ptr<Stations> make_stations(const Scenario& s, std::size_t i, const Placement& placement, Post& post) {
  const auto own = placement.of_rank(post.transport().rank());
  const AlgorithmEntry& algorithm = s.algorithms[i];
  const int run = static_cast<int>(i);
  if (algorithm.graph) return std::make_unique<NodeStations>(s, i, placement, post);
  if (is_asynchronous(algorithm))
    return std::make_unique<AsynchronousStations>(s.make_asynchronous(algorithm), run, post);
  return std::make_unique<WorkerStations>(s.make_method(i), own, run, post);
}

}  // namespace laconic::deploy
