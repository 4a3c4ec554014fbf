#include <signal.h>

#include <exception>
#include <string>

#include "algorithms/core/error.hpp"
#include "platforms/simgrid_compat.hpp"
#include "sim/driver.hpp"

// Downloads are detached puts into the workers' mailboxes, uploads blocking puts into the server's. All mailboxes have
// permanent receivers: without one, transfers would start only when somebody asks for them, one after the other. The
// last participant to finish rings the server's bell, so that a silent worker needs no message to be accounted for.

namespace laconic {
namespace {

struct Order {  // server -> worker: the model, or the verdict of round k - 1
  Round k;
  const Message* message;
};

struct Reply {  // worker -> server
  int m;
  const Message* message;
};

class Cluster {
 public:
  Cluster(sg::Engine& engine, Method& method, const Deployment& hosts, const WireRules& wire)
      : method_(method),
        wire_(wire),
        varying_speeds_(hosts.varying_speeds),
        stations_(hosts.workers.size()),
        pending_(stations_.size()) {
    for (std::size_t m = 0; m < stations_.size(); ++m) {
      const std::string name = "worker-" + std::to_string(m);
      stations_[m].host = hosts.workers[m];
      stations_[m].inbox = sg::Mailbox::by_name(name);
      sg::add_actor(
          engine, name, hosts.workers[m], [this, m] { worker(static_cast<int>(m)); }, true);
    }
  }

  /// The server actor.
  void serve(const AfterRound& after_round) {
    inbox_->set_receiver(sg::Actor::self());  // uploads flow as soon as they are put
    Ledger ledger;
    const Message* verdict = nullptr;
    if (!after_round(0, sg::Engine::get_clock(), method_.server->model(), ledger)) return;
    for (Round k = 0;; ++k) {
      const Message* broadcast = method_.server->broadcast(k);
      compute(method_.server->flops());
      ledger.flops += method_.server->flops();
      const auto& participants = method_.server->participants(k);
      if (!participants.empty()) gather(Order{k, broadcast ? broadcast : verdict}, participants);
      for (int m : participants) {
        Station& station = stations_[static_cast<std::size_t>(m)];
        if (broadcast) ledger.download(*broadcast, wire_);
        ledger.flops += station.flops;
        ledger.compute_s += varying_speeds_ ? station.seconds : station.flops / station.host->get_speed();
        ledger.upload(station.received, wire_);
        if (station.received) method_.server->receive(m, *station.received);
      }
      method_.server->finish_round(k);
      verdict = method_.server->verdict(k);
      if (verdict)
        for (std::size_t m = 0; m < stations_.size(); ++m) ledger.download(*verdict, wire_);
      if (!after_round(k + 1, sg::Engine::get_clock(), method_.server->model(), ledger)) return;
    }
  }

  std::exception_ptr error;  ///< what an actor threw: it must not leave the actor's stack

 private:
  struct Station {
    sg::Host* host;
    sg::Mailbox* inbox;
    double flops = 0, seconds = 0;
    Reply reply{};
    const Message* received = nullptr;
  };

  static void compute(double flops) {
    if (flops > 0) sg::this_actor::execute(flops);
  }

  // Sends the order to every participant and returns when the last one's answer, or silence, is known.
  void gather(Order order, const std::vector<int>& participants) {
    const bool first_of_copies = !order.message;  // workers who know theta^0 start by themselves
    if (!first_of_copies) {
      pending_ = participants.size();
      for (int m : participants)
        stations_[static_cast<std::size_t>(m)].inbox->put_init(&order, wire_.bytes(*order.message))->detach();
    }
    bell_->acquire();
    for (int m : participants) stations_[static_cast<std::size_t>(m)].received = nullptr;
    for (; sent_ > 0; --sent_) {  // all of it has arrived
      const Reply* reply = inbox_->get<Reply>();
      stations_[static_cast<std::size_t>(reply->m)].received = reply->message;
    }
    if (error) std::rethrow_exception(error);
  }

  void worker(int m) {
    Station& station = stations_[static_cast<std::size_t>(m)];
    station.inbox->set_receiver(sg::Actor::self());
    if (!method_.server->broadcasts()) {
      sg::this_actor::yield();  // the server opens its mailbox first
      answer(m, station, {0, nullptr});
    }
    for (;;) answer(m, station, *station.inbox->get<Order>());
  }

  // Rings the bell whatever happens: the server must not wait for the dead.
  void answer(int m, Station& station, const Order& order) {
    try {
      work(m, station, order);
    } catch (const simgrid::ForcefulKillException&) {
      throw;  // SimGrid ends its daemons that way
    } catch (...) {
      if (!error) error = std::current_exception();
    }
    if (--pending_ == 0) bell_->release();
  }

  void work(int m, Station& station, const Order& order) {
    Worker& algorithm = *method_.workers[static_cast<std::size_t>(m)];
    const bool verdict = order.message && !method_.server->broadcasts();
    if (verdict) algorithm.close(order.k - 1, *order.message);
    const Message* message = algorithm.round(order.k, verdict ? nullptr : order.message);
    station.flops = algorithm.flops();
    const double start = sg::Engine::get_clock();
    compute(station.flops);
    station.seconds = sg::Engine::get_clock() - start;
    if (!message && !wire_.skip_notice) return;
    station.reply = {m, message};
    inbox_->put(&station.reply, message ? wire_.bytes(*message) : wire_.notice_bytes());  // returns on arrival
    ++sent_;
  }

  Method& method_;
  const WireRules& wire_;
  const bool varying_speeds_;
  std::vector<Station> stations_;
  sg::Mailbox* inbox_ = sg::Mailbox::by_name("server");
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t pending_ = 0, sent_ = 0;  // plain counters: actors run one at a time
};

// SimGrid's engine takes some signals for itself; what they meant before is put back.
class KeptSignals {
 public:
  KeptSignals() {
    for (std::size_t i = 0; i < std::size(taken); ++i) sigaction(taken[i], nullptr, &before_[i]);
  }
  void restore() const {
    for (std::size_t i = 0; i < std::size(taken); ++i) sigaction(taken[i], &before_[i], nullptr);
  }

 private:
  static constexpr int taken[] = {SIGINT, SIGSEGV, SIGBUS};
  struct sigaction before_[std::size(taken)];
};

}  // namespace

void run_actors(Method& method, const BuildPlatform& platform, const NetworkModel& network, const WireRules& wire,
                const AfterRound& after_round) {
  const KeptSignals signals;
  const sg::QuietEngine engine(network.settings);
  signals.restore();
  const Deployment hosts = platform(*engine);

  Cluster cluster(*engine, method, hosts, wire);
  bool finished = false;
  sg::add_actor(
      *engine, "server", hosts.server,
      [&] {
        try {
          cluster.serve(after_round);
          finished = true;
        } catch (const simgrid::ForcefulKillException&) {
          throw;
        } catch (...) {
          if (!cluster.error) cluster.error = std::current_exception();
        }
      },
      false);
  engine->run();
  if (cluster.error) std::rethrow_exception(cluster.error);
  if (!finished) throw RunError("the simulation cannot go on: every actor waits for a message that will not come");
}

}  // namespace laconic
