#include <signal.h>

#include <exception>
#include <string>

#include "algorithms/core/error.hpp"
#include "platforms/simgrid_compat.hpp"
#include "sim/collectives/performers.hpp"
#include "sim/driver.hpp"

// Downloads are detached puts into the workers' mailboxes, uploads blocking puts into the server's. All mailboxes have
// permanent receivers: without one, transfers would start only when somebody asks for them, one after the other. The
// last participant to finish rings the server's bell, so that a silent worker needs no message to be accounted for.
//
// What is learned does not depend on when messages arrive. So the actors carry sizes, not vectors: the mathematics of a
// round is done when the server begins it, and a round that has been timed once need not be acted out again.

namespace laconic {
namespace {

struct Order {  // server -> worker
  double flops;
  std::optional<std::uint64_t> upload_bits;
};

class Cluster {
 public:
  Cluster(sg::Engine& engine, const Deployment& hosts, const WireRules& wire, const Collective* collective)
      : engine_(engine),
        wire_(wire),
        collective_(collective),
        steady_(!hosts.varies),
        varying_speeds_(hosts.varying_speeds),
        stations_(hosts.workers.size()) {
    for (std::size_t m = 0; m < stations_.size(); ++m) {
      const std::string name = "worker-" + std::to_string(m);
      stations_[m].host = hosts.workers[m];
      stations_[m].inbox = sg::Mailbox::by_name(name);
      if (collective) continue;
      sg::add_actor(
          engine, name, hosts.workers[m], [this, m] { worker(stations_[m]); }, true);
    }
    if (collective) performers_.emplace(engine, hosts, wire);
  }

  /// The server actor.
  void serve(const PlanRound& plan_round, const AfterRound& after_round) {
    inbox_->set_receiver(sg::Actor::self());  // uploads flow as soon as they are put
    Bookkeeper books(stations_.size(), wire_, collective_);
    Ledger ledger;
    double clock = 0;
    std::optional<std::uint64_t> verdict;
    if (!after_round(0, clock, ledger)) return;
    for (Round k = 0;; ++k) {
      const RoundPlan& plan = plan_round(k);
      clock = time_of(plan, plan.broadcast_bits ? plan.broadcast_bits : verdict, clock);
      books.count(plan, ledger);
      for (const auto& share : plan.shares) {
        const Station& station = stations_[static_cast<std::size_t>(share.m)];
        ledger.compute_s += varying_speeds_ ? station.seconds : share.flops / station.host->get_speed();
      }
      verdict = plan.verdict_bits;
      if (!after_round(k + 1, clock, ledger)) return;
    }
  }

 private:
  struct Station {
    sg::Host* host;
    sg::Mailbox* inbox;
    Order order{};
    double seconds = 0;
  };

  static constexpr std::size_t remembered_bytes = std::size_t{64} << 20;

  static void compute(double flops) {
    if (flops > 0) sg::this_actor::execute(flops);
  }

  double time_of(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, double clock) {
    if (!steady_) {
      act_out(plan, order_bits);
      return sg::Engine::get_clock();
    }
    std::string key = timing_key(plan, order_bits);
    if (const auto known = durations_.find(key); known != durations_.end()) return clock + known->second;
    const double start = sg::Engine::get_clock();
    act_out(plan, order_bits);
    const double duration = sg::Engine::get_clock() - start;
    if (room_ >= key.size()) {
      room_ -= key.size();
      durations_.emplace(std::move(key), duration);
    }
    return clock + duration;
  }

  // Returns when the last participant's answer, or silence, is known.
  void act_out(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    if (collective_) {
      performers_->perform(collective_->script(plan, order_bits));
      for (std::size_t m = 0; m < stations_.size(); ++m) stations_[m].seconds = performers_->seconds(m);
      return;
    }
    compute(plan.server_flops);
    if (plan.shares.empty()) return;
    pending_ = plan.shares.size();
    for (const auto& share : plan.shares) {
      Station& station = stations_[static_cast<std::size_t>(share.m)];
      station.order = {share.flops, share.upload_bits};
      if (order_bits)
        station.inbox->put_init(&station.order, wire_.bytes(*order_bits))->detach();
      else  // who knows theta^0 starts by itself
        sg::add_actor(
            engine_, "first-round", station.host, [this, &station] { answer(station); }, true);
    }
    bell_->acquire();
    for (; sent_ > 0; --sent_) inbox_->get<Order>();  // all of it has arrived
  }

  void worker(Station& station) {
    station.inbox->set_receiver(sg::Actor::self());
    for (;;) {
      station.inbox->get<Order>();
      answer(station);
    }
  }

  void answer(Station& station) {
    const double start = sg::Engine::get_clock();
    compute(station.order.flops);
    station.seconds = sg::Engine::get_clock() - start;
    if (const auto& bits = station.order.upload_bits; bits || wire_.skip_notice) {
      inbox_->put(&station.order, bits ? wire_.bytes(*bits) : wire_.notice_bytes());  // returns on arrival
      ++sent_;
    }
    if (--pending_ == 0) bell_->release();
  }

  sg::Engine& engine_;
  const WireRules& wire_;
  const Collective* collective_;
  std::optional<Performers> performers_;
  const bool steady_, varying_speeds_;
  std::vector<Station> stations_;
  sg::Mailbox* inbox_ = sg::Mailbox::by_name("server");
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t pending_ = 0, sent_ = 0;  // plain counters: actors run one at a time
  std::unordered_map<std::string, double> durations_;
  std::size_t room_ = remembered_bytes;
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

void run_actors(const PlanRound& plan_round, const ClusterPlan& plan, const AfterRound& after_round) {
  const KeptSignals signals;
  const sg::QuietEngine engine(plan.network->settings);
  signals.restore();
  const Deployment hosts = plan.platform(*engine);

  Cluster cluster(*engine, hosts, plan.wire, plan.pattern());
  bool finished = false;
  std::exception_ptr error;  // must not leave the actor's stack
  sg::add_actor(
      *engine, "server", hosts.server,
      [&] {
        try {
          cluster.serve(plan_round, after_round);
        } catch (const simgrid::ForcefulKillException&) {
          throw;
        } catch (...) {
          error = std::current_exception();
        }
        finished = true;
      },
      false);
  engine->run();
  if (error) std::rethrow_exception(error);
  if (!finished) throw RunError("the simulation cannot go on: every actor waits for a message that will not come");
}

}  // namespace laconic
