#include <algorithm>
#include <span>
#include <string>

#include "sim/network/closed_form/star_solver.hpp"
#include "sim/network/equal_workers.hpp"
#include "sim/network/round_cache.hpp"
#include "sim/network/simulated/actor_stacks.hpp"
#include "sim/network/simulated/collective_round.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/timeline/timeline.hpp"

// Downloads are puts into the workers' mailboxes, uploads blocking puts into the server's. All mailboxes have
// permanent receivers: without one, transfers would start only when somebody asks for them, one after the other. The
// last participant to finish rings the server's bell, so that a silent worker needs no message to be accounted for.
//
// What is learned does not depend on when messages arrive. So the actors carry sizes, not vectors: the mathematics of a
// round is done when the server begins it, and a round that has been timed once need not be acted out again. Where the
// times of rounds are found outright, there are actors only for a timeline, and only for the rounds it shows.

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

struct Order {  // server -> worker
  double flops;
  std::optional<std::uint64_t> upload_bits;
  double sent;  // when
};

class Cluster {
 public:
  Cluster(Simulation& simulation, const ClusterPlan& plan, Timeline* timeline)
      : simulation_(simulation),
        wire_(plan.wire),
        conditions_(plan.conditions),
        timeline_(timeline),
        collective_(plan.pattern()),
        steady_(simulation.steady()),
        stations_(simulation.hosts().workers.size()),
        stacks_(!collective_ && stations_.size() > guarded_workers) {
    for (std::size_t m = 0; m < stations_.size(); ++m) stations_[m].host = simulation.hosts().workers[m];
    if (steady_ && !collective_ && !simulation.metered())
      equal_workers_.emplace(simulation.hosts(), route_of(simulation.hosts()));
    if (plan.has_closed_form()) star_.emplace(*plan.star);
    hire();
  }

  /// The server actor.
  void serve(const PlanRound& plan_round, const AfterRound& after_round) {
    stacks_.of_helpers();
    for (auto& inbox : inboxes_) inbox.box->set_receiver(sg::Actor::self());  // uploads flow as soon as they are put
    double clock = 0;
    const auto time = [&](Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits, Ledger& ledger) {
      const Cost& cost = cost_of(k, plan, order_bits);
      if (cost.recording) timeline_->write(k, clock, *recording_of(plan, cost));
      for (const auto& share : plan.shares) {
        const Station& station = stations_[static_cast<std::size_t>(share.m)];
        ledger.compute_s += simulation_.varying_speeds() ? station.seconds : share.flops / station.host->get_speed();
      }
      if (ledger.energy_j) *ledger.energy_j += cost.joules;
      if (!steady_) return clock = sg::Engine::get_clock();
      return clock += star_ ? star_->seconds(plan, order_bits, wire_) : cost.seconds;
    };
    run_rounds(plan_round, {stations_.size(), wire_, collective_},
               {time, 0, conditions_.slowdown(), conditions_.energy.has_value()}, after_round);
  }

 private:
  struct Station {
    sg::Host* host = nullptr;
    sg::Mailbox* inbox = nullptr;
    std::size_t inbox_of_server = 0;  // in inboxes_
    Order order{};
    double seconds = 0;
  };
  struct Inbox {
    sg::Mailbox* box;
    std::size_t sent = 0;
  };
  struct Cost {
    double seconds = 0, joules = 0;
    // Where there is a timeline: what happened, and to which workers, in the order of EqualWorkers::key.
    std::shared_ptr<const Recording> recording = {};
    std::vector<int> workers = {};
  };

  static constexpr std::size_t guarded_workers = 1000;
  // No daemon: one that ends before it is made one counts as one for ever, and SimGrid ends when only daemons are left.
  static constexpr bool helper = false;
  // SimGrid 3.32 keeps an actor's transfers in a list that it searches at each one's end: no actor starts many.
  static constexpr std::size_t orders_at_once = 64;
  // Taking the first of the messages that have arrived in a mailbox moves up all others: no mailbox gets many.
  static constexpr std::size_t workers_of_inbox = 64;

  // All actors but the server.
  void hire() {
    if (collective_) {
      stacks_.of_server();
      performers_.emplace(simulation_.hosts(), wire_, timeline_);
      return;
    }
    stacks_.of_workers();
    for (std::size_t m = 0; m < stations_.size(); ++m) {
      const std::string name = "worker-" + std::to_string(m);
      stations_[m].inbox = sg::Mailbox::by_name(name);
      stations_[m].inbox_of_server = m / workers_of_inbox;
      if (m % workers_of_inbox == 0)
        inboxes_.push_back({sg::Mailbox::by_name("server-" + std::to_string(inboxes_.size()))});
      sg::add_actor(
          name, stations_[m].host, [this, m] { worker(stations_[m]); }, true);
    }
    stacks_.of_server();
  }

  void compute(const sg::Host* host, double flops) {
    if (flops <= 0) return;
    const double start = sg::Engine::get_clock();
    sg::this_actor::execute(flops);
    if (timeline_) timeline_->computed(host, start, sg::Engine::get_clock());
  }

  const Cost& cost_of(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    if (!steady_) return cost_ = timed(k, plan, order_bits);
    std::string key = equal_workers_ ? equal_workers_->key(plan, order_bits, order_) : timing_key(plan, order_bits);
    if (const Cost* known = memory_.find(key)) return *known;
    cost_ = timed(k, plan, order_bits);
    if (equal_workers_ && cost_.recording)
      for (const std::size_t i : order_) cost_.workers.push_back(plan.shares[i].m);
    memory_.keep(std::move(key), cost_);
    return cost_;
  }

  std::vector<sg::Link*> links_of(int m) const {
    return route_of(stations_[static_cast<std::size_t>(m)].host, simulation_.hosts().server).links();
  }

  // Of the round that was timed, with the workers that took part in this one.
  std::shared_ptr<const Recording> recording_of(const RoundPlan& plan, const Cost& cost) const {
    Timeline::Exchange exchange;
    for (std::size_t i = 0; i < cost.workers.size(); ++i) {
      const int from = cost.workers[i], to = plan.shares[order_[i]].m;
      if (from == to) continue;
      exchange.hosts[stations_[static_cast<std::size_t>(from)].host] = stations_[static_cast<std::size_t>(to)].host;
      const auto links = links_of(from), others = links_of(to);
      for (std::size_t j = 0; j < links.size(); ++j) exchange.links[links[j]] = others[j];
    }
    return exchange.hosts.empty() ? cost.recording : timeline_->exchanged(*cost.recording, exchange);
  }

  Cost timed(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    if (star_ && !timeline_->wants(k)) return {};
    return simulated(k, plan, order_bits);
  }

  Cost simulated(Round k, const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    const bool recorded = timeline_ && timeline_->wants(k);
    const double start = sg::Engine::get_clock(), joules = simulation_.metered() ? simulation_.joules() : 0;
    if (recorded) timeline_->begin_round(start);
    simulate(plan, order_bits);
    const double end = sg::Engine::get_clock();
    Cost cost{.seconds = end - start};
    if (recorded) cost.recording = timeline_->end_round(end);
    if (!simulation_.metered()) return cost;
    carry(plan, order_bits);
    cost.joules = simulation_.joules() - joules;
    return cost;
  }

  // What links draw for the round's bytes.
  void carry(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    const Deployment& hosts = simulation_.hosts();
    const auto carried = [&](const sg::Host* from, const sg::Host* to, std::optional<std::uint64_t> bits) {
      if (bits || wire_.skip_notice)
        simulation_.carried(from, to, static_cast<double>(bits ? wire_.bytes(*bits) : wire_.notice_bytes()));
    };
    if (!collective_) {
      for (const auto& share : plan.shares) {
        const auto* worker = stations_[static_cast<std::size_t>(share.m)].host;
        if (order_bits) carried(hosts.server, worker, order_bits);
        carried(worker, hosts.server, share.upload_bits);
      }
      return;
    }
    const Script script = collective_->script(plan, order_bits);
    const auto host = [&](std::size_t i) { return i < stations_.size() ? stations_[i].host : hosts.server; };
    for (std::size_t i = 0; i < script.programs.size(); ++i)
      for (const Step& step : script.programs[i])
        if (step.kind == Step::Kind::send)
          carried(host(i), host(static_cast<std::size_t>(step.peer)),
                  step.payload ? std::optional(step.bits) : std::nullopt);
  }

  // Returns when the last participant's answer, or silence, is known.
  void simulate(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    if (collective_) {
      performers_->perform(collective_->script(plan, order_bits));
      for (std::size_t m = 0; m < stations_.size(); ++m) stations_[m].seconds = performers_->seconds(m);
      return;
    }
    compute(simulation_.hosts().server, plan.server_flops);
    if (plan.shares.empty()) return;
    const double now = sg::Engine::get_clock();
    pending_ = plan.shares.size();
    for (const auto& share : plan.shares) {
      Station& station = stations_[static_cast<std::size_t>(share.m)];
      station.order = {share.flops, share.upload_bits, now};
      if (!order_bits)  // who knows theta^0 starts by itself
        sg::add_actor(
            "first-round", station.host, [this, &station] { answer(station); }, helper);
    }
    if (order_bits) send_orders(plan.shares, *order_bits);
    bell_->acquire();
    for (const auto& comm : sent_) comm->wait();
    sent_.clear();
    for (auto& inbox : inboxes_)
      for (; inbox.sent > 0; --inbox.sent) inbox.box->get<Order>();  // all of it has arrived
  }

  void send_orders(std::span<const RoundPlan::Share> orders, std::uint64_t bits) {
    if (orders.size() <= orders_at_once) return put(orders, bits, sent_);
    for (std::size_t i = 0; i < orders.size(); i += orders_at_once)
      sg::add_actor(
          "orders", simulation_.hosts().server,
          [this, bits, some = orders.subspan(i, std::min(orders_at_once, orders.size() - i))] {
            std::vector<sg::CommPtr> sent;
            put(some, bits, sent);
            for (const auto& comm : sent) comm->wait();
          },
          helper);
  }

  void put(std::span<const RoundPlan::Share> orders, std::uint64_t bits, std::vector<sg::CommPtr>& sent) {
    for (const auto& share : orders) {
      Station& station = stations_[static_cast<std::size_t>(share.m)];
      sent.push_back(station.inbox->put_async(&station.order, wire_.bytes(bits)));
    }
  }

  void worker(Station& station) {
    station.inbox->set_receiver(sg::Actor::self());
    for (;;) {
      const double sent = station.inbox->get<Order>()->sent;
      if (timeline_) timeline_->carried(simulation_.hosts().server, station.host, sent, sg::Engine::get_clock());
      answer(station);
    }
  }

  void answer(Station& station) {
    const double start = sg::Engine::get_clock();
    compute(station.host, station.order.flops);
    const double computed = sg::Engine::get_clock();
    station.seconds = computed - start;
    if (const auto& bits = station.order.upload_bits; bits || wire_.skip_notice) {
      Inbox& inbox = inboxes_[station.inbox_of_server];
      inbox.box->put(&station.order, bits ? wire_.bytes(*bits) : wire_.notice_bytes());  // returns on arrival
      ++inbox.sent;
      if (timeline_) timeline_->carried(station.host, simulation_.hosts().server, computed, sg::Engine::get_clock());
    }
    if (--pending_ == 0) bell_->release();
  }

  Simulation& simulation_;
  const WireRules& wire_;
  const Conditions& conditions_;
  Timeline* const timeline_;
  const Collective* const collective_;
  std::optional<CollectiveActors> performers_;
  const bool steady_;
  std::vector<Station> stations_;
  const Stacks stacks_;
  std::vector<Inbox> inboxes_;
  std::vector<sg::CommPtr> sent_;  // not detached: SimGrid counts no detached message on the air, and dies of its end
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t pending_ = 0;  // a plain counter: actors run one at a time
  std::optional<EqualWorkers> equal_workers_;
  std::optional<StarSolver> star_;  // says how long rounds take, which are then acted for a timeline alone
  std::vector<std::size_t> order_;  // of the present plan's shares, as in EqualWorkers::key
  RoundCache<Cost> memory_;
  Cost cost_;  // of a round that was not remembered
};

}  // namespace

void run_actors(const PlanRound& plan_round, const ClusterPlan& plan, const AfterRound& after_round,
                Timeline* timeline) {
  if (plan.conditions.can_fail()) {
    const OpenRounds rounds{[&](Round k, const std::vector<bool>&) -> const RoundPlan& { return plan_round(k); },
                            [](Round, const std::vector<Learner::Arrival>&, bool) {}};
    return run_failing_workers(rounds, plan, after_round, timeline);
  }
  if (plan.has_closed_form() && !timeline) return run_star(plan_round, plan, after_round);
  Simulation simulation(plan);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  Cluster cluster(simulation, plan, timeline);
  simulation.run([&] { cluster.serve(plan_round, after_round); });
}

}  // namespace laconic::network
