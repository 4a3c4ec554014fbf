#include "sim/network/simulated/asynchronous_workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>

#include "algorithms/base/error.hpp"
#include "sim/network/route.hpp"
#include "sim/network/simulated/actor_stacks.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/simulated/tasks.hpp"
#include "sim/network/timeline/timeline.hpp"

// A courier for each worker stands on the server's host, has it receive, compute and send, and knows when a failure
// cuts that short, as in failing_workers.cpp. The server's actor takes what has arrived and sends couriers out again.

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

constexpr std::size_t most_guarded_couriers = 1000;

class AsynchronousWorkers : public Feature {
 public:
  AsynchronousWorkers(Simulation& simulation, AsynchronousRun& run, const ClusterPlan& plan, Timeline* timeline)
      : simulation_(simulation),
        outages_(simulation.outages()),
        run_(run),
        slowdown_(plan.conditions.slowdown()),
        timeline_(timeline),
        tasks_(simulation, timeline),
        server_(simulation.hosts().server),
        stacks_(run.workers() > most_guarded_couriers) {
    if (plan.connections) {
      to_workers_.emplace(plan.connections->rules, plan.connections->down);
      to_server_.emplace(plan.connections->rules, plan.connections->up);
    }
    stacks_.of_workers();
    for (auto* worker : simulation.hosts().workers) {
      Courier& courier = couriers_.emplace_back();
      courier.m = static_cast<int>(couriers_.size()) - 1;
      courier.worker = worker;
      courier.self = &outages_.on(worker);
      courier.down = &outages_.between(server_, worker);
      courier.up = &outages_.between(worker, server_);
      courier.most = most_on_way_up(worker);
      if (std::isfinite(courier.most)) courier.latency = route_of(worker, server_).up.latency;
      sg::add_actor(
          fmt::format("courier-{}", courier.m), server_, [this, &courier] { carry(courier); }, true);
    }
    stacks_.of_server();
    simulation.add_listener(*this);
    if (plan.conditions.can_fail()) run_.ledger().lost = 0;
    if (simulation.energy()) run_.ledger().energy_j = 0;
  }

  void finish(Simulation&) override {
    for (Courier& courier : couriers_) Tasks::cancel(courier.task);
  }
  void changed(const Component& component) override {
    if (component.down > 0) {
      for (Courier& courier : couriers_) {
        Tasks::cut(courier.task, component);
        courier.forgot |= component.host == courier.worker;
      }
    } else if (timeline_) {
      timeline_->off(component.host, component.link, component.since, now());
    }
  }

  /// What the server's actor does.
  void serve() {
    begin_round();
    send(run_.begin(), 0);
    while (!run_.over()) {
      while (heard_.empty()) await_news();
      const double date = std::min_element(heard_.begin(), heard_.end(), [](const auto& a, const auto& b) {
                            return a.date < b.date;
                          })->date;
      // Those who come at the same instant, as rounding has it, are taken with the first.
      if (const double end = date * AsynchronousRun::instant; end > now() && somebody_comes(end - now()))
        rest_until(end);
      await_server();
      take(date);
    }
  }

 private:
  struct Courier {
    int m = 0;
    sg::Host* worker = nullptr;
    const Outages::Needs *self = nullptr, *down = nullptr, *up = nullptr;
    Errand errand{};
    double leaves = 0;    // when its errand flows, s
    double latency = 0;   // of its way up, at the very least
    double most = 0;      // byte/s on its way up, at the very most
    double lag = 0;       // how much later than it should have it was sent out, s
    double seconds = 0;   // of its computation
    bool forgot = false;  // whether its host was down since it was sent out
    Task task;
    sg::SemaphorePtr ready = sg::Semaphore::create(0);
  };
  struct Heard {
    double date;
    Arrival arrival;
  };

  // Links that change, and the air, may carry whatever they like.
  double most_on_way_up(const sg::Host* worker) const {
    double out = std::numeric_limits<double>::infinity();
    if (simulation_.hosts().varies || !simulation_.conditions().changes.empty()) return out;
    for (const auto* link : route_of(worker, server_).up.links)
      if (!sg::is_air(*link)) out = std::min(out, link->get_bandwidth());
    return out;
  }

  // What the server does.

  void await_news() {
    if (away_ == 0)
      throw RunError(fmt::format(
          "every worker that the method waits for is down or out of reach for good at {} s: the simulation cannot go on",
          now()));
    bell_->acquire();
    if (!error_.empty()) throw RunError(error_);
  }

  void await_server() {
    if (outages_.await(outages_.on(server_)) == Outages::Way::open) return;
    const auto* component = Outages::missing(outages_.on(server_));
    throw RunError(
        fmt::format("{} went down for good at {} s: the simulation cannot go on", component->name, component->since));
  }

  // Whether an arrival within so many seconds is possible.
  bool somebody_comes(double seconds) const {
    return std::any_of(couriers_.begin(), couriers_.end(), [&](const Courier& courier) {
      const Task& task = courier.task;
      if (!task.now) return false;
      if (task.to == server_ && task.since + courier.latency > now() + seconds) return false;
      if (task.to == server_) return Tasks::remaining(task) <= seconds * courier.most;
      return !task.to && !courier.errand.up && Tasks::remaining(task) <= seconds * courier.worker->get_speed();
    });
  }

  void take(double date) {
    const double end = date * AsynchronousRun::instant;
    const auto later = std::partition(heard_.begin(), heard_.end(), [&](const Heard& h) { return h.date <= end; });
    arrivals_.clear();
    for (auto h = heard_.begin(); h != later; ++h) arrivals_.push_back(h->arrival);
    heard_.erase(heard_.begin(), later);
    while (!bell_->would_block()) bell_->acquire();
    const Round before = run_.updates();
    const auto errands = run_.take(date, arrivals_, [this](Ledger& ledger) {
      if (auto* energy = simulation_.energy()) ledger.energy_j = energy->joules();
    });
    if (run_.updates() > before) {
      end_round(before);
      begin_round();
      in_vain_ = 0;
    } else {
      in_vain_ += arrivals_.size();
    }
    if (gone_ >= 0 && in_vain_ > 20000 + 1000 * couriers_.size())
      throw RunError(fmt::format(
          "worker {} is down or out of reach for good, and no update has come of the last {} answers: the simulation "
          "cannot go on at {} s",
          gone_, in_vain_, now()));
    if (!run_.over()) send(errands, date);
  }

  void send(std::span<const Errand> errands, double date) {
    for (const Errand& errand : errands) {
      Courier& courier = couriers_[static_cast<std::size_t>(errand.m)];
      courier.errand = errand;
      courier.leaves = date;
      if (to_workers_) courier.leaves += to_workers_->send({errand.m, static_cast<double>(errand.down)}, date);
      courier.lag += std::max(0.0, now() - courier.leaves);
      courier.forgot = false;
      ++away_;
      courier.ready->release();
    }
  }

  // What a courier does.

  void carry(Courier& courier) {
    for (;;) {
      courier.ready->acquire();
      if (done(courier)) {
        hear({courier.m, courier.seconds});
      } else {
        courier.forgot |= Outages::missing(*courier.self) != nullptr;
        run_.lose(courier.m);
        return_to(courier);
        hear({.m = courier.m, .asks = true, .forgot = courier.forgot});
      }
    }
  }

  void hear(const Arrival& arrival) {
    heard_.push_back({now(), arrival});
    --away_;
    bell_->release();
  }

  bool done(Courier& courier) {
    const Errand& errand = courier.errand;
    if (courier.leaves > now()) rest_until(courier.leaves);
    if (!tasks_.transfer(courier.task, server_, courier.worker, errand.down, *courier.down)) return false;
    if (to_workers_) to_workers_->arrived(courier.m, now());
    if (!computed(courier)) return false;
    if (!errand.up) return !Outages::missing(*courier.up);
    for (Round i = 0; i < errand.messages; ++i)
      if (!uploaded(courier)) return false;
    return true;
  }

  bool uploaded(Courier& courier) {
    const std::uint64_t bytes = *courier.errand.up;
    if (to_server_)
      if (const double wait = to_server_->send({courier.m, static_cast<double>(bytes)}, now()); wait > 0)
        rest_for(wait);
    if (!tasks_.transfer(courier.task, courier.worker, server_, bytes, *courier.up)) return false;
    if (to_server_) to_server_->arrived(courier.m, now());
    return true;
  }

  // What the courier was late, because the server waited for the end of an instant, is taken off the computation, so
  // that it does not add up.
  bool computed(Courier& courier) {
    const double flops = courier.errand.flops * (slowdown_ ? slowdown_(courier.m, courier.errand.n) : 1);
    const double speed = courier.worker->get_speed() * courier.worker->get_available_speed();
    const double spared = speed > 0 ? std::min(courier.lag, flops / speed) : 0, start = now();
    courier.lag -= spared;
    if (flops > 0 && !tasks_.compute(courier.task, courier.worker, flops - spared * speed, *courier.self)) return false;
    courier.seconds = simulation_.varying_speeds() ? now() - start + spared : flops / courier.worker->get_speed();
    return !Outages::missing(*courier.self);
  }

  // Waits until the worker can speak to the server again, and asks.
  void return_to(Courier& courier) {
    do {
      for (const auto* way : {courier.up, courier.down}) {
        const auto found = outages_.await(*way);
        if (found == Outages::Way::open) continue;
        if (found == Outages::Way::never_whole)
          error_ = fmt::format(
              "the way between the server and worker {} fails again and again: whenever a part of it came back, another "
              "was down, until {} s, and the simulation cannot go on",
              courier.m, now());
        gone_ = courier.m;
        --away_;
        bell_->release();
        sg::this_actor::suspend();
      }
    } while (Outages::missing(*courier.up) ||
             !tasks_.transfer(courier.task, courier.worker, server_, run_.wire().notice_bytes(), *courier.up));
  }

  // The timeline shows the time from one update to the next as a round.

  void begin_round() {
    simulation_.begin_round();
    began_ = now();
    if (timeline_ && timeline_->wants(run_.updates())) timeline_->begin_round(began_);
  }
  void end_round(Round k) {
    if (timeline_ && timeline_->wants(k)) tasks_.write_round(k, began_, couriers_);
  }

  Simulation& simulation_;
  Outages& outages_;
  AsynchronousRun& run_;
  const std::function<double(int m, Round n)> slowdown_;
  Timeline* const timeline_;
  Tasks tasks_;
  sg::Host* const server_;
  const Stacks stacks_;
  std::deque<Courier> couriers_;
  std::optional<Connections> to_workers_, to_server_;
  std::vector<Heard> heard_;  // what nobody has taken
  std::vector<Arrival> arrivals_;
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t away_ = 0;  // couriers whose news will come
  std::string error_;
  int gone_ = -1;            // a worker that will never come back; -1: none
  std::size_t in_vain_ = 0;  // arrivals since the last update
  double began_ = 0;
};

}  // namespace

void run_asynchronous_workers(AsynchronousRun& run, const ClusterPlan& cluster, Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  AsynchronousWorkers workers(simulation, run, cluster, timeline);
  simulation.run([&] { workers.serve(); });
}

}  // namespace laconic::network
