#include "sim/network/simulated/actors.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/network/simulated/energy_meter.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/timeline/timeline.hpp"
#include "sim/rounds/apart.hpp"

// How Laconic works. A round goes through four functions: ServerApart::round (rounds/apart.cpp: the server sends the
// model, waits for everybody whom it asked, and steps), `hear` (how it waits), `work` (a worker receives) and `answer`
// (it computes and uploads).

namespace laconic::network {

using namespace rounds;

namespace {

// What crosses the network: the bytes that the sender's encoder wrote. Nobody else's memory is looked into.
struct Envelope {
  Round k;                         // the round in which it was written
  int from;                        // a worker's number, or `server_sends`
  std::optional<Message> message;  // nothing: "I stay silent"
  double sent;                     // when, in s
  bool again = false;              // whether the server sends it in the midst of the round
};

class Actors {
 public:
  Actors(Simulation& simulation, const ClusterPlan& cluster, Method& method, Timeline* timeline)
      : simulation_(simulation),
        wire_(cluster.wire),
        server_(*method.server,
                {[this](double flops) { compute(simulation_.hosts().server, flops); },
                 [this](const auto& to, Round k, const Message& message, bool again) { send(to, k, message, again); },
                 [this](const auto& from) { return hear(from); }}),
        slowdown_(cluster.conditions.slowdown()),
        timeline_(timeline) {
    workers_.resize(method.workers.size());
    for (std::size_t m = 0; m < workers_.size(); ++m) {
      const std::string name = "worker-" + std::to_string(m);
      Worker& worker = *method.workers[m];
      const WorkerApart end(worker, !method.server->broadcasts());
      workers_[m] = {&worker, end, simulation.hosts().workers[m], sg::Mailbox::by_name(name)};
      sg::add_actor(
          name, workers_[m].host, [this, m] { work(static_cast<int>(m)); }, true);
    }
  }

  // The server's actor: a round is over when its last upload has arrived.
  void serve(const AfterRound& after_round, const std::function<void(const RoundPlan&)>& seen) {
    inbox_->set_receiver(sg::Actor::self());  // Uploads flow as soon as they are put, not when they are asked for.
    const auto next = [&](Round k) -> const RoundPlan& {
      begin(k);
      const RoundPlan& counted = server_.round(k);
      end(k);
      if (seen) seen(counted);
      return counted;
    };
    // The whole round is over when its first exchange is asked for.
    const auto time = [&](Round, const RoundPlan& exchange, const auto& order_bits, Ledger& ledger) {
      for (const double seconds : computed_) ledger.compute_s += seconds;
      computed_.clear();
      if (ledger.energy_j) *ledger.energy_j += joules_of(exchange, order_bits, *simulation_.energy());
      return now();
    };
    run_rounds(next, {workers_.size(), wire_, nullptr}, {time, 0, {}, simulation_.energy() != nullptr}, after_round);
  }

 private:
  struct Station {
    Worker* worker = nullptr;  // touched by this worker's actor alone
    std::optional<WorkerApart> end;
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    double flops = 0, seconds = 0;  // measured in its last round; no actor reads them
  };
  static constexpr int server_sends = -1;

  void send(const std::vector<int>& to, Round k, const Message& message, bool again) {
    for (const int m : to)
      transfers_.push_back(workers_[static_cast<std::size_t>(m)].inbox->put_async(
          new Envelope{k, server_sends, message, now(), again}, stretched_bytes(wire_.bytes(message.bits))));
  }

  // Waits for everybody's answer.
  std::map<int, Carrier::Answer> hear(const std::vector<int>& chosen) {
    for (std::size_t i = 0; i < chosen.size(); ++i) answered_->acquire();
    for (const auto& transfer : transfers_) transfer->wait();
    transfers_.clear();

    std::map<int, Carrier::Answer> answers;
    for (const int m : chosen) {
      const Station& there = workers_[static_cast<std::size_t>(m)];
      answers[m].flops = there.flops;
      computed_.push_back(there.seconds);
    }
    while (inbox_->ready()) {
      const std::unique_ptr<Envelope> letter(inbox_->get<Envelope>());
      answers[letter->from].upload = std::move(letter->message);
    }
    return answers;
  }

  // A worker's actor.
  void work(int m) {
    Station& here = workers_[static_cast<std::size_t>(m)];
    here.inbox->set_receiver(sg::Actor::self());
    if (const auto first = here.end->start()) answer(m, *first);
    for (;;) {
      const std::unique_ptr<Envelope> letter(here.inbox->get<Envelope>());
      note_arrival(*letter, simulation_.hosts().server, here.host);
      const auto& [k, from, message, sent, again] = *letter;
      answer(m, here.end->take(k, *message, again));
    }
  }

  // Mathematics takes no simulated time of its own; the flops that it took do.
  void answer(int m, const WorkerApart::Upload& said) {
    const auto& [k, upload] = said;
    Station& here = workers_[static_cast<std::size_t>(m)];
    here.flops = here.worker->flops();
    const double slowed = here.flops * (slowdown_ ? slowdown_(m, k) : 1), start = now();
    compute(here.host, slowed);
    here.seconds = simulation_.varying_speeds() ? now() - start : slowed / here.host->get_speed();
    if (upload || wire_.skip_notice) {
      const Envelope letter{k, m, upload ? std::optional(*upload) : std::nullopt, now()};
      inbox_->put(new Envelope(letter),
                  stretched_bytes(upload ? wire_.bytes(upload->bits) : wire_.notice_bytes()));  // until it arrives
      note_arrival(letter, here.host, simulation_.hosts().server);
    }
    if (upload) here.worker->upload_decided(true);
    answered_->release();  // Where silence needs no message, the server learns of it here, for free.
  }

  void compute(const sg::Host* host, double flops) {
    if (flops <= 0) return;
    const double start = now();
    execute(flops);
    if (timeline_) timeline_->computed(host, start, now());
  }

  // The energy that links draw for an exchange's bytes is counted when the round is over.
  double joules_of(const RoundPlan& exchange, std::optional<std::uint64_t> order_bits, EnergyMeter& energy) {
    const sg::Host* server = simulation_.hosts().server;
    for (const auto& share : exchange.shares) {
      const sg::Host* worker = workers_[static_cast<std::size_t>(share.m)].host;
      if (order_bits) energy.carried(server, worker, static_cast<double>(wire_.bytes(*order_bits)));
      if (share.upload_bits || wire_.skip_notice)
        energy.carried(worker, server,
                       static_cast<double>(share.upload_bits ? wire_.bytes(*share.upload_bits) : wire_.notice_bytes()));
    }
    const double before = joules_;
    joules_ = energy.joules();
    return joules_ - before;
  }

  // The timeline.

  void begin(Round k) {
    simulation_.begin_round();
    began_ = now();
    if (timeline_ && timeline_->wants(k)) timeline_->begin_round(began_);
  }
  void end(Round k) {
    if (timeline_ && timeline_->wants(k)) timeline_->write(k, began_, *timeline_->end_round(now()));
  }
  void note_arrival(const Envelope& letter, const sg::Host* from, const sg::Host* to) {
    if (timeline_) timeline_->carried(from, to, letter.sent, now());
  }

  Simulation& simulation_;
  const WireRules& wire_;
  ServerApart server_;  // touched by the server's actor alone
  const std::function<double(int m, Round k)> slowdown_;
  Timeline* const timeline_;
  std::vector<Station> workers_;
  sg::Mailbox* const inbox_ = sg::Mailbox::by_name("server");
  sg::SemaphorePtr answered_ = sg::Semaphore::create(0);
  std::vector<sg::CommPtr> transfers_;  // on their way down
  std::vector<double> computed_;        // how long each participant computed in each of its exchanges, s
  double began_ = 0, joules_ = 0;
};

}  // namespace

void run_as_actors(const MethodRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                   Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  Actors actors(simulation, cluster, *rounds.method, timeline);
  simulation.run([&] { actors.serve(after_round, rounds.seen); });
}

}  // namespace laconic::network
