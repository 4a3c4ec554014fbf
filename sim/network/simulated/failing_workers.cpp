#include "sim/network/simulated/failing_workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "algorithms/base/error.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/simulated/tasks.hpp"
#include "sim/network/timeline/timeline.hpp"

// A courier for each worker stands on the server's host, has it receive, compute and send, and knows when a failure
// cuts that short. Nothing is ever really turned off (outages.hpp).

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

class FailingWorkers : public Feature {
 public:
  FailingWorkers(Simulation& simulation, const ClusterPlan& plan, Timeline* timeline)
      : simulation_(simulation),
        outages_(simulation.outages()),
        plan_(plan),
        timeline_(timeline),
        tasks_(simulation, timeline),
        server_(simulation.hosts().server) {
    for (auto* worker : simulation.hosts().workers) {
      Courier& courier = couriers_.emplace_back();
      courier.m = static_cast<int>(couriers_.size()) - 1;
      courier.worker = worker;
      courier.self = &outages_.on(worker);
      courier.down = &outages_.between(server_, worker);
      courier.up = &outages_.between(worker, server_);
      sg::add_actor(
          fmt::format("courier-{}", courier.m), server_, [this, &courier] { carry(courier); }, true);
    }
    simulation.add_listener(*this);
  }

  void finish(Simulation&) override {
    for (Courier& courier : couriers_) Tasks::cancel(courier.task);
  }
  void changed(const Component& component) override {
    if (component.down > 0)
      fail(component);
    else if (timeline_)
      timeline_->off(component.host, component.link, component.since, now());
  }

  /// What the server's actor does.
  void serve(const OpenRounds& rounds, const AfterRound& after_round) {
    ledger_.late = ledger_.lost = 0;
    if (simulation_.energy()) ledger_.energy_j = 0;
    std::optional<std::uint64_t> vote_down;
    if (!after_round(0, 0, ledger_)) return;
    for (k_ = 0;; ++k_) {
      simulation_.begin_round();
      const double start = now(), deadline = start + plan_.conditions.timeout;
      if (timeline_ && timeline_->wants(k_)) timeline_->begin_round(start);
      await_server();
      std::vector<bool> away;
      for (const auto& courier : couriers_)
        away.push_back(deadlines() && (courier.busy || Outages::missing(*courier.down)));
      const RoundPlan& plan = rounds.begin(k_, away);
      if (deadlines()) {
        lose(plan.absent);
        ledger_.flops += plan.server_flops;
      }
      compute(plan.server_flops);
      send_orders(plan, plan.broadcast_bits ? plan.broadcast_bits : vote_down);
      wait(deadline, plan.shares.empty() && !plan.absent.empty());
      for (const RoundPlan& exchange : plan.more) {  // of methods that keep no deadlines
        send_orders(exchange, exchange.broadcast_bits);
        wait(deadline, false);
      }
      if (!deadlines()) ledger_.round(plan, couriers_.size(), plan_.wire);
      finish(rounds);
      vote_down = plan.vote_bits;
      if (auto* energy = simulation_.energy()) ledger_.energy_j = energy->joules();
      if (timeline_ && timeline_->wants(k_)) tasks_.write_round(k_, start, couriers_);
      if (!after_round(k_ + 1, now(), ledger_)) return;
    }
  }

 private:
  struct Courier {
    int m = 0;
    sg::Host* worker = nullptr;
    const Outages::Needs *self = nullptr, *down = nullptr, *up = nullptr;
    // What the server has asked for.
    Round round = 0;
    std::optional<std::uint64_t> order_bits, upload_bits;
    double flops = 0;
    bool busy = false;  // from the order until the answer has arrived, or is lost
    // How far the worker has got.
    bool has_model = false, has_answer = false;
    Ledger in_vain;  // what getting there has cost, which counts as extra if it is lost
    int failures = 0;
    Task task;
    sg::SemaphorePtr ready = sg::Semaphore::create(0);
  };
  static constexpr int most_failures = 1000;  // in one round

  bool deadlines() const { return plan_.feeds_back(); }

  // What the server does.

  // Returns when the server is up.
  void await_server() {
    if (outages_.await(outages_.on(server_)) == Outages::Way::open) return;
    const auto* component = Outages::missing(outages_.on(server_));
    throw RunError(
        fmt::format("{} went down for good at {} s: the simulation cannot go on", component->name, component->since));
  }

  void compute(double flops) {
    for (int failures = 0; flops > 0 && !tasks_.compute(task_, server_, flops, outages_.on(server_));) {
      if (++failures > most_failures) throw RunError(endless("the server", failures));
      await_server();
    }
  }

  // Counts the workers that are down, or out of reach.
  void lose(const std::vector<int>& absent) {
    for (const int m : absent)
      if (!couriers_[static_cast<std::size_t>(m)].busy) ++*ledger_.lost;
    const auto gone = [&](const Courier& courier) {
      const Component *down = Outages::missing(*courier.down), *up = Outages::missing(*courier.up);
      return (down && down->gone) || (up && up->gone);
    };
    if (std::all_of(couriers_.begin(), couriers_.end(), gone))
      throw RunError(
          fmt::format("every worker is down or out of reach for good at {} s: the simulation cannot go on", now()));
  }

  void send_orders(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
    open_ = plan.shares.size();
    for (const auto& share : plan.shares) {
      Courier& courier = couriers_[static_cast<std::size_t>(share.m)];
      courier.round = k_;
      courier.order_bits = order_bits;
      courier.upload_bits = share.upload_bits;
      courier.flops = share.flops;
      courier.busy = true;
      courier.has_model = courier.has_answer = false;
      courier.in_vain = {};
      courier.failures = 0;
      courier.ready->release();
    }
  }

  void wait(double deadline, bool nobody_could_be_asked) {
    if (nobody_could_be_asked) rest_until(deadline);
    while (open_ > 0) {
      if (!deadlines()) {
        bell_->acquire();
      } else if (bell_->acquire_timeout(std::max(0.0, deadline - now()) * stretch())) {
        // What arrives at the deadline is in time, so actors that are due at this very moment have their turns first.
        for (int turn = 0; turn < 3; ++turn) sg::this_actor::yield();
        break;
      }
      if (!error_.empty()) throw RunError(error_);
    }
    await_server();  // a server that is down ends no round
    while (!bell_->would_block()) bell_->acquire();
  }

  void finish(const OpenRounds& rounds) {
    std::sort(arrivals_.begin(), arrivals_.end(), [](const auto& a, const auto& b) { return a.m < b.m; });
    const bool step = plan_.conditions.late != Late::drop ||
                      std::any_of(arrivals_.begin(), arrivals_.end(), [](const auto& a) { return a.taken; });
    rounds.end(k_, arrivals_, step);
    arrivals_.clear();
  }

  // What a courier does.

  void carry(Courier& courier) {
    for (;;) {
      courier.ready->acquire();
      while (!delivered(courier) && !given_up(courier)) {
      }
    }
  }

  // Handles a failure: with deadlines the worker's round is lost; without, what was cut short is done again when all
  // that it needs is back.
  bool given_up(Courier& courier) {
    ++*ledger_.lost;
    if (deadlines()) {
      if (courier.upload_bits) arrivals_.push_back({courier.m, courier.round, false});
      courier.busy = false;
      return true;
    }
    if (++courier.failures > most_failures)
      error_ = endless(fmt::format("worker {}", courier.m), courier.failures);
    else
      error_ = hindrance(courier, outages_.await(*courier.task.needs));
    if (error_.empty()) return false;
    bell_->release();
    sg::this_actor::suspend();
    return true;
  }

  // Why the courier's task can never be done; empty if it can.
  static std::string hindrance(const Courier& courier, Outages::Way way) {
    if (way == Outages::Way::open) return {};
    if (way == Outages::Way::never_whole)
      return fmt::format(
          "the way between the server and worker {} fails again and again: whenever a part of it came back, another was "
          "down, until {} s, and the simulation cannot go on",
          courier.m, now());
    const auto* component = Outages::missing(*courier.task.needs);
    std::string why = fmt::format("{} went down for good at {} s", component->name, component->since);
    if (component->link)
      why += fmt::format(", and \"late\": \"wait\" waits for worker {} behind it", courier.m);
    else if (component->host == courier.worker)
      why += ", and \"late\": \"wait\" waits for it";
    return why + ": the simulation cannot go on";
  }

  static std::string endless(const std::string& who, int failures) {
    return fmt::format(
        "{} has tried {} times in one round, until {} s: failures come sooner than it can end, and the simulation "
        "cannot go on",
        who, failures, now());
  }

  // Has the worker receive, compute and send, or go on with that; false if it failed on the way. Without deadlines a
  // round is counted as a whole when it has ended, and what was in vain is counted beside it.
  bool delivered(Courier& courier) {
    Ledger& counted = deadlines() ? ledger_ : courier.in_vain;
    if (!courier.has_model && !(courier.has_model = received(courier, counted))) return false;
    if (!courier.has_answer && !(courier.has_answer = computed(courier, counted))) return false;
    if (!sent(courier)) return false;
    if (deadlines()) ledger_.upload(courier.upload_bits, plan_.wire);
    arrived(courier);
    return true;
  }

  bool received(Courier& courier, Ledger& counted) {
    courier.task.needs = courier.self;
    if (!courier.order_bits) return !Outages::missing(*courier.self);
    if (!tasks_.transfer(courier.task, server_, courier.worker, plan_.wire.bytes(*courier.order_bits), *courier.down))
      return false;
    counted.download(*courier.order_bits, plan_.wire);
    return true;
  }

  bool computed(Courier& courier, Ledger& counted) {
    courier.task.needs = courier.self;
    if (Outages::missing(*courier.self)) return false;
    const double start = now();
    if (courier.flops > 0) {
      const double flops = courier.flops * plan_.conditions.slowdown(courier.m, courier.round);
      if (!tasks_.compute(courier.task, courier.worker, flops, *courier.self)) return false;
    }
    ledger_.compute_s += now() - start;
    counted.flops += courier.flops;
    return true;
  }

  bool sent(Courier& courier) {
    courier.task.needs = courier.self;
    const auto bytes = plan_.wire.message_bytes(courier.upload_bits);
    if (!bytes) return !Outages::missing(*courier.self);
    return tasks_.transfer(courier.task, courier.worker, server_, *bytes, *courier.up);
  }

  void arrived(Courier& courier) {
    courier.busy = false;  // before the bell: the server may go on before this actor does
    const bool in_time = courier.round == k_;
    if (courier.upload_bits) {
      if (!in_time) ++*ledger_.late;
      arrivals_.push_back({courier.m, courier.round, in_time || plan_.conditions.late == Late::reuse});
    }
    if (in_time && --open_ == 0) bell_->release();
  }

  // Cuts short all that needs this component. A worker that goes down loses the model and the answer it has.
  void fail(const Component& component) {
    Tasks::cut(task_, component);
    for (Courier& courier : couriers_) {
      Tasks::cut(courier.task, component);
      if (component.host != courier.worker || !courier.busy || deadlines()) continue;
      courier.has_model = courier.has_answer = false;
      ledger_ += std::exchange(courier.in_vain, {});
    }
  }

  Simulation& simulation_;
  Outages& outages_;
  const ClusterPlan& plan_;
  Timeline* const timeline_;
  Tasks tasks_;
  sg::Host* const server_;
  Task task_;  // what the server computes
  std::deque<Courier> couriers_;
  std::vector<Learner::Arrival> arrivals_;
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  Round k_ = 0;
  std::size_t open_ = 0;  // how many answers of this round are missing
  std::string error_;
  Ledger ledger_;
};

}  // namespace

void run_failing_workers(const OpenRounds& rounds, const ClusterPlan& cluster, const AfterRound& after_round,
                         Timeline* timeline) {
  Simulation simulation(cluster);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  FailingWorkers workers(simulation, cluster, timeline);
  simulation.run([&] { workers.serve(rounds, after_round); });
}

}  // namespace laconic::network
