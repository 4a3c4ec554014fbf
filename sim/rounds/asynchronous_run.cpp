#include "sim/rounds/asynchronous_run.hpp"

#include <algorithm>

#include "sim/rounds/count_arrival.hpp"

namespace laconic::rounds {

AsynchronousRun::AsynchronousRun(AsynchronousMethod& method, const WireRules& wire, AfterRound after_update,
                                 ThreadTeam* team)
    : method_(method),
      wire_(wire),
      after_update_(std::move(after_update)),
      team_(team ? *team : alone_),
      stations_(method.workers.size()) {
  ledger_.late = 0;
  ledger_.staleness.emplace();
  ledger_.iterations = 0;
}

std::span<const Errand> AsynchronousRun::begin() {
  over_ = !after_update_(0, 0, ledger_);
  return over_ ? std::span<const Errand>() : send(method_.server->first());
}

std::span<const Errand> AsynchronousRun::take(double date, std::vector<Arrival>& arrivals,
                                              const std::function<void(Ledger&)>& before_row) {
  std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.m < b.m; });
  AsynchronousServer& server = *method_.server;
  for (const Arrival& arrival : arrivals) {
    if (arrival.asks) {
      ledger_.wire_bytes_up += wire_.notice_bytes();
      server.ask(arrival.m, arrival.forgot);
      continue;
    }
    const Round before = server.version();
    hear(arrival);
    if (server.version() == before) continue;
    if (before_row) before_row(ledger_);
    over_ = !after_update_(server.version(), date, ledger_);
    ledger_.staleness->latest = 0;
    if (over_) return {};
  }
  return send(server.due());
}

void AsynchronousRun::hear(const Arrival& arrival) {
  const Station& station = stations_[static_cast<std::size_t>(arrival.m)];
  const HeardUpload heard{arrival.m, station.upload, station.flops, arrival.seconds};
  const bool taken = count_arrival(method_, heard, wire_, steps_, ledger_);
  if (station.upload) method_.workers[static_cast<std::size_t>(arrival.m)]->upload_decided(taken);
}

void AsynchronousRun::lose(int m) {
  Station& station = stations_[static_cast<std::size_t>(m)];
  ++*ledger_.lost;
  if (station.upload) method_.workers[static_cast<std::size_t>(m)]->upload_decided(false);
  station.upload = nullptr;
}

std::span<const Errand> AsynchronousRun::send(const std::vector<int>& to) {
  answers_.clear();
  errands_.clear();
  for (const int m : to) {
    answers_.push_back(method_.server->answer(m));
    const Message* model = answers_.back().get();
    if (model)
      ledger_.download(model->bits, wire_);
    else
      ledger_.wire_bytes_down += wire_.notice_bytes();
    errands_.push_back({m,
                        stations_[static_cast<std::size_t>(m)].n++,
                        model ? wire_.bytes(model->bits) : wire_.notice_bytes(),
                        0,
                        {},
                        1});
  }
  team_.each(to.size(), flops_, [&](std::size_t i) {
    const auto m = static_cast<std::size_t>(to[i]);
    stations_[m].upload = method_.workers[m]->round(errands_[i].n, answers_[i].get());
  });
  flops_ = 0;
  for (Errand& errand : errands_) {
    const auto m = static_cast<std::size_t>(errand.m);
    Station& station = stations_[m];
    errand.messages = method_.shares[m].messages;
    station.bits = station.upload ? std::optional(station.upload->bits / static_cast<std::uint64_t>(errand.messages))
                                  : std::nullopt;
    station.flops = errand.flops = method_.workers[m]->flops();
    errand.up = wire_.message_bytes(station.bits);
    flops_ += errand.flops;
  }
  return errands_;
}

}  // namespace laconic::rounds
