#include "sim/deploy/asynchronous_stations.hpp"

namespace laconic::deploy {

AsynchronousStations::AsynchronousStations(AsynchronousMethod method, int run, Post& post)
    : method_(std::move(method)), run_(run), post_(post), waits_(method_.workers.size()) {}

void AsynchronousStations::take(const Letter& letter) {
  const Header& down = letter.header;
  const auto m = static_cast<std::size_t>(down.to);
  Worker& worker = *method_.workers.at(m);
  const std::int64_t began = now_ns();
  if (waits_[m]) worker.upload_decided(down.flops > 0);
  const Message model = letter.message();
  const Message* said = worker.round(down.round, down.kind == Kind::down ? &model : nullptr);
  waits_[m] = said != nullptr;
  Header h{.kind = said ? Kind::up : Kind::silent, .run = run_, .from = down.to, .to = -1, .round = down.round};
  h.bits = said ? said->bits : 0;
  h.flops = worker.flops();
  h.arrived_ns = letter.taken_ns;
  h.began_ns = began;
  post_.send(0, h, said ? std::span<const std::byte>(said->bytes) : std::span<const std::byte>());
}

}  // namespace laconic::deploy
