#include <fmt/format.h>

#include <algorithm>

#include "algorithms/core/error.hpp"
#include "sim/stage.hpp"

// A host that goes down takes its actors with it, and a transfer to it ends the whole simulation. So nobody lives on
// the workers' hosts here: a courier for each worker stands on the server's, has it receive, compute and send, and
// knows when a failure cuts that short.

namespace laconic {
namespace {

class ExposedCluster {
 public:
  ExposedCluster(Stage& stage, const ClusterPlan& plan)
      : stage_(stage), plan_(plan), couriers_(stage.hosts().workers.size()) {
    for (std::size_t m = 0; m < couriers_.size(); ++m) {
      couriers_[m].m = static_cast<int>(m);
      sg::add_actor(
          stage.engine(), fmt::format("courier-{}", m), stage.hosts().server, [this, m] { carry(couriers_[m]); }, true);
    }
    stage.failing = [this](int m) { failed(couriers_[static_cast<std::size_t>(m)]); };
    stage.returned = [this](int m) {
      Courier& courier = couriers_[static_cast<std::size_t>(m)];
      if (courier.waits) courier.back->release();
    };
  }

  /// The server actor.
  void serve(const OpenRounds& rounds, const AfterRound& after_round) {
    ledger_.late = ledger_.lost = 0;
    if (stage_.metered()) ledger_.energy_j = 0;
    std::optional<std::uint64_t> verdict;
    if (!after_round(0, 0, ledger_)) return;
    for (k_ = 0;; ++k_) {
      const double deadline = sg::Engine::get_clock() + plan_.conditions.timeout;
      std::vector<bool> away(couriers_.size());
      for (const auto& courier : couriers_)
        away[static_cast<std::size_t>(courier.m)] = deadlines() && (courier.busy || !stage_.up(courier.m));
      const RoundPlan& plan = rounds.begin(k_, away);
      if (deadlines()) {
        lose(plan.absent);
        ledger_.flops += plan.server_flops;
      }
      if (plan.server_flops > 0) sg::this_actor::execute(plan.server_flops);
      send_orders(plan, plan.broadcast_bits ? plan.broadcast_bits : verdict);
      wait(deadline, plan.shares.empty() && !plan.absent.empty());
      if (!deadlines()) ledger_.round(plan, couriers_.size(), plan_.wire);
      finish(rounds);
      verdict = plan.verdict_bits;
      if (ledger_.energy_j) ledger_.energy_j = stage_.joules();
      if (!after_round(k_ + 1, sg::Engine::get_clock(), ledger_)) return;
    }
  }

 private:
  struct Courier {
    int m = 0;
    // The order.
    Round round = 0;
    std::optional<std::uint64_t> order_bits, upload_bits;
    double flops = 0;
    bool busy = false;  // until the answer is there, or lost
    // On its way.
    sg::ActivityPtr activity;
    double left = 0;     // of it, when it was cut short
    bool waits = false;  // for the worker's return
    sg::SemaphorePtr ready = sg::Semaphore::create(0), back = sg::Semaphore::create(0);
  };

  bool deadlines() const { return plan_.feeds_back(); }
  sg::Host* host(const Courier& courier) const { return stage_.hosts().workers[static_cast<std::size_t>(courier.m)]; }

  // Those who are down.
  void lose(const std::vector<int>& absent) {
    for (const int m : absent)
      if (!couriers_[static_cast<std::size_t>(m)].busy) ++*ledger_.lost;
    const auto gone = [&](const Courier& courier) { return stage_.gone(courier.m); };
    if (std::all_of(couriers_.begin(), couriers_.end(), gone))
      throw RunError(
          fmt::format("every worker is down for good at {} s: the simulation cannot go on", sg::Engine::get_clock()));
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

  // After a failure: with deadlines the worker's round is lost; without, it is done again when the worker is back.
  bool given_up(Courier& courier) {
    ++*ledger_.lost;
    if (deadlines()) {
      if (courier.upload_bits) arrivals_.push_back({courier.m, courier.round, false});
      courier.busy = false;
      return true;
    }
    if (stage_.gone(courier.m)) {
      error_ = fmt::format(
          "worker {} went down for good at {} s, and \"late\": \"wait\" waits for it: the simulation cannot go on",
          courier.m, sg::Engine::get_clock());
      bell_->release();
    }
    courier.waits = !stage_.up(courier.m);
    if (courier.waits) courier.back->acquire();
    courier.waits = false;
    return false;
  }

  // Has the worker receive, compute and send; false if it failed on the way. Without deadlines a round is counted as a
  // whole when it has ended, and here what was in vain.
  bool delivered(Courier& courier) {
    Ledger attempt;
    Ledger& counted = deadlines() ? ledger_ : attempt;
    const bool done = received(courier, counted) && computed(courier, counted) && sent(courier);
    if (!done) {
      if (!deadlines()) ledger_.waste(attempt);
      return false;
    }
    if (deadlines()) ledger_.upload(courier.upload_bits, plan_.wire);
    arrived(courier);
    return true;
  }

  bool received(Courier& courier, Ledger& counted) {
    if (!courier.order_bits) return stage_.up(courier.m);
    const auto [done, bytes] =
        transfer(courier, stage_.hosts().server, host(courier), plan_.wire.bytes(*courier.order_bits));
    if (stage_.metered()) stage_.carried(stage_.hosts().server, host(courier), bytes);
    if (done) counted.download(*courier.order_bits, plan_.wire);
    return done;
  }

  bool computed(Courier& courier, Ledger& counted) {
    if (!stage_.up(courier.m)) return false;
    const double start = sg::Engine::get_clock();
    if (courier.flops > 0) {
      auto exec = sg::Exec::init();
      exec->set_flops_amount(courier.flops * stage_.slowdown(courier.m, courier.round));
      exec->set_host(host(courier));
      if (!finished(courier, exec)) return false;
    }
    ledger_.compute_s += sg::Engine::get_clock() - start;
    counted.flops += courier.flops;
    return true;
  }

  bool sent(Courier& courier) {
    const auto& bits = courier.upload_bits;
    if (!bits && !plan_.wire.skip_notice) return stage_.up(courier.m);
    const auto [done, bytes] = transfer(courier, host(courier), stage_.hosts().server,
                                        bits ? plan_.wire.bytes(*bits) : plan_.wire.notice_bytes());
    if (stage_.metered()) stage_.carried(host(courier), stage_.hosts().server, bytes);
    return done;
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

  struct Transfer {
    bool done;
    double bytes;  // that arrived
  };
  Transfer transfer(Courier& courier, sg::Host* from, sg::Host* to, std::uint64_t bytes) {
    if (!stage_.up(courier.m)) return {false, 0};
    auto comm = sg::Comm::sendto_init(from, to);
    comm->set_payload_size(bytes);
    const bool done = finished(courier, comm);
    return {done, static_cast<double>(bytes) - (done ? 0 : courier.left)};
  }

  template <class Activity>
  static bool finished(Courier& courier, const Activity& activity) {
    courier.activity = activity;
    bool out = true;
    try {
      activity->start();
      activity->wait();
    } catch (const simgrid::Exception&) {  // cancelled
      out = false;
    }
    courier.activity = nullptr;
    return out;
  }

  static void failed(Courier& courier) {
    if (!courier.activity) return;
    courier.left = courier.activity->get_remaining();
    courier.activity->cancel();
  }

  Stage& stage_;
  const ClusterPlan& plan_;
  std::vector<Courier> couriers_;
  std::vector<Learner::Arrival> arrivals_;
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  Round k_ = 0;
  std::size_t open_ = 0;  // answers of this round that are missing
  std::string error_;
  Ledger ledger_;
};

}  // namespace

void run_exposed(const OpenRounds& rounds, const ClusterPlan& plan, const AfterRound& after_round) {
  Stage stage(plan);
  ExposedCluster cluster(stage, plan);
  stage.run([&] { cluster.serve(rounds, after_round); });
}

}  // namespace laconic
