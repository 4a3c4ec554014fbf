#include "sim/deploy/exchanges.hpp"

namespace laconic::deploy {

using namespace results;
using namespace rounds;
using namespace run;
using namespace scenario;

namespace {

// The server of a synchronous method.
class SynchronousServer {
 public:
  SynchronousServer(Server& server, std::size_t workers, Desk& desk)
      : desk_(desk), exchanges_(desk, workers), workers_(workers), end_(server, carrier()) {}

  void run(const WireRules& wire, const AfterRound& after) {
    const auto next = [&](Round k) -> const RoundPlan& {
      if (k == 0) desk_.start();
      k_ = k;
      began_ns_ = now_ns();
      const RoundPlan& counted = end_.round(k);
      desk_.on_record(counted);
      return counted;
    };
    const auto time = [&](Round, const RoundPlan&, const auto&, Ledger& ledger) {
      ledger.compute_s += exchanges_.computed_s();
      return desk_.seconds();
    };
    run_rounds(next, {workers_, wire, nullptr}, {time},
               [&](Round rounds, double now, const Ledger& ledger) { return desk_.after(after, rounds, now, ledger); });
  }

 private:
  Carrier carrier() {
    return {[this](double flops) { computed(flops); },
            [this](const auto& to, Round k, const Message& message, bool again) {
              for (const int m : to)
                exchanges_.send({.kind = again ? Kind::again : Kind::down, .to = m, .round = k}, &message);
            },
            [this](const auto& from) { return hear(from); }};
  }

  void computed(double flops) {
    Record record{.what = Record::What::compute, .from = -1, .to = -1, .round = k_, .flops = flops};
    record.start_ns = began_ns_;
    record.end_ns = now_ns();
    if (flops > 0) desk_.log(record);
  }

  std::map<int, Carrier::Answer> hear(const std::vector<int>& from) {
    std::map<int, Carrier::Answer> answers;
    while (answers.size() < from.size()) {
      const Letter letter = exchanges_.receive(k_);
      Carrier::Answer& answer = answers[letter.header.from];
      answer.flops = letter.header.flops;
      if (letter.header.kind == Kind::up) answer.upload = letter.message();
    }
    return answers;
  }

  Desk& desk_;
  Exchanges exchanges_;
  std::size_t workers_;
  ServerApart end_;
  Round k_ = 0;
  std::int64_t began_ns_ = 0;
};

}  // namespace

JobResult serve_rounds(Served& served) {
  const Scenario& s = served.scenario;
  Method method = s.make_method(served.i);
  Desk desk(served);
  SynchronousServer server(*method.server, method.workers.size(), desk);
  ThreadTeam alone(1);
  CarriedRun carried;
  carried.local_steps = method.local_steps;
  carried.measure = [&](Round) {
    return desk.aside([&] { return measure(s.problem, s.record, method.server->model(), alone); });
  };
  carried.carry_out = [&](const AfterRound& after) { server.run(s.cluster.wire, after); };
  const JobResult result = record_run(s, served.i, carried, served.rows.in(), served.report, served.extras);
  desk.end();
  return result;
}

}  // namespace laconic::deploy
