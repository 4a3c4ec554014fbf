#include "sim/network/simulated/actors.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/network/simulated/energy_meter.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/timeline/timeline.hpp"

// How Laconic works, in one file. A round goes through three functions: `round` (the server sends the model, waits for
// everybody whom it asked, and steps), `work` (a worker receives) and `answer` (it computes and uploads). Some methods'
// servers have more to send before they step, which everybody answers in the same way. Where a vote goes down instead
// of the model, it travels at the start of the next round, and workers who know theta^0 begin the first one by
// themselves.

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
        server_(*method.server),
        votes_go_down_(!method.server->broadcasts()),
        slowdown_(cluster.conditions.slowdown()),
        timeline_(timeline) {
    workers_.resize(method.workers.size());
    for (std::size_t m = 0; m < workers_.size(); ++m) {
      const std::string name = "worker-" + std::to_string(m);
      workers_[m] = {method.workers[m].get(), simulation.hosts().workers[m], sg::Mailbox::by_name(name)};
      sg::add_actor(
          name, workers_[m].host, [this, m] { work(static_cast<int>(m)); }, true);
    }
  }

  // The server's actor: a round is over when its last upload has arrived.
  void serve(const AfterRound& after_round, const std::function<void(const RoundPlan&)>& seen) {
    inbox_->set_receiver(sg::Actor::self());  // Uploads flow as soon as they are put, not when they are asked for.
    const auto next = [&](Round k) -> const RoundPlan& {
      round(k);
      if (seen) seen(counted_);
      return counted_;
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
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    double flops = 0, seconds = 0;  // measured in its last round; no actor reads them
  };
  static constexpr int server_sends = -1;

  void round(Round k) {
    begin(k);
    const Message* model = server_.broadcast(k);
    const double flops = server_.flops() + server_.decoding_flops();
    const std::vector<int> chosen = server_.participants(k);
    compute(simulation_.hosts().server, flops);
    if (model) send(chosen, k, *model);
    if (!model && vote_) send(chosen, k - 1, *vote_);
    counted_ = {};
    counted_.server_flops = flops;
    if (model) counted_.broadcast_bits = model->bits;
    hear(chosen, k, counted_);
    while (const Message* more = server_.next_exchange(k)) {
      RoundPlan& exchange = counted_.more.emplace_back();
      exchange.broadcast_bits = more->bits;
      send(chosen, k, *more, true);
      hear(chosen, k, exchange);
    }
    server_.finish_round(k);
    const Message* vote = server_.vote_down(k);
    vote_ = vote ? std::optional(*vote) : std::nullopt;
    if (vote) counted_.vote_bits = vote->bits;
    end(k);
  }

  void send(const std::vector<int>& to, Round k, const Message& message, bool again = false) {
    for (const int m : to)
      transfers_.push_back(workers_[static_cast<std::size_t>(m)].inbox->put_async(
          new Envelope{k, server_sends, message, now(), again}, stretched_bytes(wire_.bytes(message.bits))));
  }

  // Waits for everybody's answer, and takes what has come.
  void hear(const std::vector<int>& chosen, Round k, RoundPlan& counted) {
    for (std::size_t i = 0; i < chosen.size(); ++i) answered_->acquire();
    for (const auto& transfer : transfers_) transfer->wait();
    transfers_.clear();

    std::map<int, Message> uploads;  // in the order of worker numbers, whatever order they came in
    while (inbox_->ready()) {
      const std::unique_ptr<Envelope> letter(inbox_->get<Envelope>());
      if (letter->message) uploads.emplace(letter->from, std::move(*letter->message));
    }
    for (const auto& [m, upload] : uploads) server_.receive(m, upload, k);
    for (const int m : chosen) {
      const Station& there = workers_[static_cast<std::size_t>(m)];
      const auto upload = uploads.find(m);
      counted.shares.push_back(
          {m, there.flops, upload == uploads.end() ? std::nullopt : std::optional(upload->second.bits)});
      computed_.push_back(there.seconds);
    }
  }

  // A worker's actor.
  void work(int m) {
    Station& here = workers_[static_cast<std::size_t>(m)];
    here.inbox->set_receiver(sg::Actor::self());
    if (votes_go_down_) answer(m, 0, here.worker->round(0, nullptr));
    for (;;) {
      const std::unique_ptr<Envelope> letter(here.inbox->get<Envelope>());
      note_arrival(*letter, simulation_.hosts().server, here.host);
      const auto& [k, from, message, sent, again] = *letter;
      if (again) {
        answer(m, k, here.worker->answer(k, *message));
      } else if (votes_go_down_) {
        here.worker->close(k, *message);
        answer(m, k + 1, here.worker->round(k + 1, nullptr));
      } else {
        answer(m, k, here.worker->round(k, &*message));
      }
    }
  }

  // Mathematics takes no simulated time of its own; the flops that it took do.
  void answer(int m, Round k, const Message* upload) {
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
  Server& server_;  // touched by the server's actor alone
  const bool votes_go_down_;
  const std::function<double(int m, Round k)> slowdown_;
  Timeline* const timeline_;
  std::vector<Station> workers_;
  sg::Mailbox* const inbox_ = sg::Mailbox::by_name("server");
  sg::SemaphorePtr answered_ = sg::Semaphore::create(0);
  std::vector<sg::CommPtr> transfers_;  // on their way down
  std::optional<Message> vote_;         // the last round's vote, where votes go down
  RoundPlan counted_;                   // the round as its messages and computations were counted
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
