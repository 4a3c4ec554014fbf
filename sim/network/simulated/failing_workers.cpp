#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "algorithms/base/error.hpp"
#include "sim/network/simulated/simulation.hpp"
#include "sim/network/timeline/timeline.hpp"

// A courier for each worker stands on the server's host, has it receive, compute and send, and knows when a failure
// cuts that short. (sim/outages.hpp: nothing is ever really turned off.)

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

class ExposedCluster {
 public:
  ExposedCluster(Simulation& simulation, const ClusterPlan& plan, Timeline* timeline)
      : simulation_(simulation),
        outages_(simulation.outages()),
        plan_(plan),
        timeline_(timeline),
        server_(simulation.hosts().server) {
    for (auto* worker : simulation.hosts().workers) {
      Courier& courier = couriers_.emplace_back();
      courier.m = static_cast<int>(couriers_.size()) - 1;
      courier.worker = worker;
      courier.self = &outages_.of(worker);
      courier.down = &outages_.between(server_, worker);
      courier.up = &outages_.between(worker, server_);
      sg::add_actor(
          fmt::format("courier-{}", courier.m), server_, [this, &courier] { carry(courier); }, true);
    }
    outages_.on_change.push_back([this](const Outages::Part& part) {
      if (part.down > 0)
        fail(part);
      else if (timeline_)
        timeline_->off(part.host, part.link, part.since, sg::Engine::get_clock());
    });
  }

  /// The server actor.
  void serve(const OpenRounds& rounds, const AfterRound& after_round) {
    ledger_.late = ledger_.lost = 0;
    if (simulation_.metered()) ledger_.energy_j = 0;
    std::optional<std::uint64_t> vote_down;
    if (!after_round(0, 0, ledger_)) return;
    for (k_ = 0;; ++k_) {
      const double start = sg::Engine::get_clock(), deadline = start + plan_.conditions.timeout;
      if (timeline_ && timeline_->wants(k_)) timeline_->begin_round(start);
      be_there();
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
      if (!deadlines()) ledger_.round(plan, couriers_.size(), plan_.wire);
      finish(rounds);
      vote_down = plan.vote_bits;
      if (ledger_.energy_j) ledger_.energy_j = simulation_.joules();
      if (timeline_ && timeline_->wants(k_)) tell_round(start);
      if (!after_round(k_ + 1, sg::Engine::get_clock(), ledger_)) return;
    }
  }

 private:
  struct Task {  // what an actor has under way: a computation on `from`, or a transfer
    sg::ActivityPtr now;
    const Outages::Needs* needs = nullptr;
    const sg::Host *from = nullptr, *to = nullptr;
    double since = 0;
    double left = 0;  // of it, when it was cut short
  };
  struct Courier {
    int m = 0;
    sg::Host* worker = nullptr;
    const Outages::Needs *self = nullptr, *down = nullptr, *up = nullptr;
    // The order.
    Round round = 0;
    std::optional<std::uint64_t> order_bits, upload_bits;
    double flops = 0;
    bool busy = false;  // until the answer is there, or lost
    // How far it got.
    bool has_model = false, has_answer = false;
    Ledger in_vain;  // what that was, should it be for nothing
    int failures = 0;
    Task task;
    sg::SemaphorePtr ready = sg::Semaphore::create(0);
  };
  static constexpr int most_failures = 1000;  // of one round

  bool deadlines() const { return plan_.feeds_back(); }

  // The server.

  // Returns when it is up.
  void be_there() {
    if (outages_.await(outages_.of(server_))) return;
    const auto* part = Outages::missing(outages_.of(server_));
    throw RunError(fmt::format("{} went down for good at {} s: the simulation cannot go on", part->name, part->since));
  }

  void compute(double flops) {
    for (int failures = 0;
         flops > 0 && !finished(task_, computation(server_, flops), {outages_.of(server_), server_});) {
      if (++failures > most_failures) throw RunError(endless("the server", failures));
      be_there();
    }
  }

  // Those who are down, or out of reach.
  void lose(const std::vector<int>& absent) {
    for (const int m : absent)
      if (!couriers_[static_cast<std::size_t>(m)].busy) ++*ledger_.lost;
    const auto gone = [&](const Courier& courier) {
      const Outages::Part *down = Outages::missing(*courier.down), *up = Outages::missing(*courier.up);
      return (down && down->gone) || (up && up->gone);
    };
    if (std::all_of(couriers_.begin(), couriers_.end(), gone))
      throw RunError(fmt::format("every worker is down or out of reach for good at {} s: the simulation cannot go on",
                                 sg::Engine::get_clock()));
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
    if (nobody_could_be_asked) sg::this_actor::sleep_until(deadline);
    while (open_ > 0) {
      if (!deadlines()) {
        bell_->acquire();
      } else if (bell_->acquire_timeout(std::max(0.0, deadline - sg::Engine::get_clock()))) {
        // Others may have their turn at this very moment, and what arrives at the deadline is in time.
        for (int turn = 0; turn < 3; ++turn) sg::this_actor::yield();
        break;
      }
      if (!error_.empty()) throw RunError(error_);
    }
    be_there();  // who is down ends no round
    while (!bell_->would_block()) bell_->acquire();
  }

  void finish(const OpenRounds& rounds) {
    std::sort(arrivals_.begin(), arrivals_.end(), [](const auto& a, const auto& b) { return a.m < b.m; });
    const bool step = plan_.conditions.late != Late::drop ||
                      std::any_of(arrivals_.begin(), arrivals_.end(), [](const auto& a) { return a.taken; });
    rounds.end(k_, arrivals_, step);
    arrivals_.clear();
  }

  // A courier's life.

  void carry(Courier& courier) {
    for (;;) {
      courier.ready->acquire();
      while (!delivered(courier) && !given_up(courier)) {
      }
    }
  }

  // After a failure: with deadlines the worker's round is lost; without, what was cut short is done again when all that
  // it needs is back.
  bool given_up(Courier& courier) {
    ++*ledger_.lost;
    if (deadlines()) {
      if (courier.upload_bits) arrivals_.push_back({courier.m, courier.round, false});
      courier.busy = false;
      return true;
    }
    if (++courier.failures > most_failures)
      error_ = endless(fmt::format("worker {}", courier.m), courier.failures);
    else if (!outages_.await(*courier.task.needs))
      error_ = gone(courier);
    if (error_.empty()) return false;
    bell_->release();
    sg::this_actor::suspend();
    return true;
  }

  static std::string gone(const Courier& courier) {
    const auto* part = Outages::missing(*courier.task.needs);
    std::string why = fmt::format("{} went down for good at {} s", part->name, part->since);
    if (part->link)
      why += fmt::format(", and \"late\": \"wait\" waits for worker {} behind it", courier.m);
    else if (part->host == courier.worker)
      why += ", and \"late\": \"wait\" waits for it";
    return why + ": the simulation cannot go on";
  }

  static std::string endless(const std::string& who, int failures) {
    return fmt::format(
        "{} has tried {} times in one round, until {} s: failures come sooner than it can end, and the simulation "
        "cannot go on",
        who, failures, sg::Engine::get_clock());
  }

  // Has the worker receive, compute and send, or go on with that; false if it failed on the way. Without deadlines a
  // round is counted as a whole when it has ended, and here what was in vain.
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
    if (!transferred(courier.task, server_, courier.worker, *courier.down, plan_.wire.bytes(*courier.order_bits)))
      return false;
    counted.download(*courier.order_bits, plan_.wire);
    return true;
  }

  bool computed(Courier& courier, Ledger& counted) {
    courier.task.needs = courier.self;
    if (Outages::missing(*courier.self)) return false;
    const double start = sg::Engine::get_clock();
    if (courier.flops > 0) {
      const double flops = courier.flops * simulation_.slowdown(courier.m, courier.round);
      if (!finished(courier.task, computation(courier.worker, flops), {*courier.self, courier.worker})) return false;
    }
    ledger_.compute_s += sg::Engine::get_clock() - start;
    counted.flops += courier.flops;
    return true;
  }

  bool sent(Courier& courier) {
    const auto& bits = courier.upload_bits;
    courier.task.needs = courier.self;
    if (!bits && !plan_.wire.skip_notice) return !Outages::missing(*courier.self);
    return transferred(courier.task, courier.worker, server_, *courier.up,
                       bits ? plan_.wire.bytes(*bits) : plan_.wire.notice_bytes());
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

  // Activities.

  static sg::ActivityPtr computation(sg::Host* host, double flops) {
    auto exec = sg::Exec::init();
    exec->set_flops_amount(flops);
    exec->set_host(host);
    return exec;
  }

  bool transferred(Task& task, sg::Host* from, sg::Host* to, const Outages::Needs& needs, std::uint64_t bytes) {
    auto comm = sg::Comm::sendto_init(from, to);
    comm->set_payload_size(bytes);
    const bool done = finished(task, comm, {needs, from, to});
    if (simulation_.metered()) simulation_.carried(from, to, static_cast<double>(bytes) - (done ? 0 : task.left));
    return done;
  }

  struct Doing {
    const Outages::Needs& needs;
    const sg::Host* from;
    const sg::Host* to = nullptr;
  };
  bool finished(Task& task, const sg::ActivityPtr& activity, const Doing& doing) {
    task = {nullptr, &doing.needs, doing.from, doing.to, sg::Engine::get_clock(), activity->get_remaining()};
    bool out = !Outages::missing(doing.needs);
    if (out) {
      task.now = activity;
      try {
        activity->start();
        activity->wait();
      } catch (const simgrid::Exception&) {  // cancelled
        out = false;
      }
      task.now = nullptr;
    }
    if (timeline_) tell(task, !out);
    return out;
  }

  // Cuts short what needs that part. A worker that goes down loses the model and the answer it has.
  void fail(const Outages::Part& part) {
    const auto cut = [&](Task& task) {
      if (!task.now || std::find(task.needs->begin(), task.needs->end(), &part) == task.needs->end()) return;
      task.left = task.now->get_remaining();
      task.now->cancel();
    };
    cut(task_);
    for (Courier& courier : couriers_) {
      cut(courier.task);
      if (part.host != courier.worker || !courier.busy || deadlines()) continue;
      courier.has_model = courier.has_answer = false;
      ledger_.waste(std::exchange(courier.in_vain, {}));
    }
  }

  // The timeline.

  void tell(const Task& task, bool lost) {
    const double now = sg::Engine::get_clock();
    if (task.to)
      timeline_->carried(task.from, task.to, task.since, now, lost);
    else
      timeline_->computed(task.from, task.since, now, lost);
  }

  // What goes on beyond the round's end is told in parts.
  void tell_round(double start) {
    for (const Courier& courier : couriers_)
      if (courier.task.now) tell(courier.task, false);
    const double now = sg::Engine::get_clock();
    for (const auto& part : outages_.parts())
      if (part.down > 0) timeline_->off(part.host, part.link, part.since, now);
    timeline_->write(k_, start, *timeline_->end_round(now));
  }

  Simulation& simulation_;
  Outages& outages_;
  const ClusterPlan& plan_;
  Timeline* const timeline_;
  sg::Host* const server_;
  Task task_;  // the server's
  std::deque<Courier> couriers_;
  std::vector<Learner::Arrival> arrivals_;
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  Round k_ = 0;
  std::size_t open_ = 0;  // answers of this round that are missing
  std::string error_;
  Ledger ledger_;
};

}  // namespace

void run_failing_workers(const OpenRounds& rounds, const ClusterPlan& plan, const AfterRound& after_round,
                         Timeline* timeline) {
  Simulation simulation(plan);
  if (timeline) timeline->open(simulation.engine(), simulation.hosts());
  ExposedCluster cluster(simulation, plan, timeline);
  simulation.run([&] { cluster.serve(rounds, after_round); });
}

}  // namespace laconic::network
