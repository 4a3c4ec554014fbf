#include "sim/deploy/exchanges.hpp"
#include "sim/rounds/count_arrival.hpp"

namespace laconic::deploy {

using namespace results;
using namespace rounds;
using namespace run;
using namespace scenario;

namespace {

// The server of an asynchronous method, which takes what arrives in the order in which it does.
class Arrivals {
 public:
  Arrivals(AsynchronousMethod& method, Desk& desk, const WireRules& wire)
      : desk_(desk),
        exchanges_(desk, method.workers.size()),
        method_(method),
        wire_(wire),
        asked_(method.workers.size()),
        taken_(method.workers.size()) {
    ledger_.late = 0;
    ledger_.staleness.emplace();
    ledger_.iterations = 0;
  }

  void run(const AfterRound& after) {
    if (!desk_.after(after, 0, 0, ledger_)) return;
    desk_.start();
    send(method_.server->first());
    for (;;) {
      const Round before = method_.server->version();
      hear(exchanges_.receive());
      if (method_.server->version() != before) {
        if (!desk_.after(after, method_.server->version(), desk_.seconds(), ledger_)) return;
        ledger_.staleness->latest = 0;
      }
      send(method_.server->due());
    }
  }

 private:
  void send(const std::vector<int>& to) {
    for (const int m : to) {
      const auto at = static_cast<std::size_t>(m);
      const auto answer = method_.server->answer(m);
      if (answer)
        ledger_.download(answer->bits, wire_);
      else
        ledger_.wire_bytes_down += wire_.notice_bytes();
      Header h{.kind = answer ? Kind::down : Kind::hush, .to = m, .round = asked_[at]++};
      h.flops = taken_[at] ? 1 : 0;
      exchanges_.send(h, answer.get());
    }
  }

  void hear(const Letter& letter) {
    const Header& h = letter.header;
    const auto m = static_cast<std::size_t>(h.from);
    const bool silent = h.kind == Kind::silent;
    const Message upload = letter.message();
    const HeardUpload heard{h.from, silent ? nullptr : &upload, h.flops, exchanges_.computed_s()};
    taken_[m] = count_arrival(method_, heard, wire_, steps_, ledger_);
  }

  Desk& desk_;
  Exchanges exchanges_;
  AsynchronousMethod& method_;
  const WireRules& wire_;
  Ledger ledger_;
  Round steps_ = 0;           // gradient steps that arrived
  std::vector<Round> asked_;  // how often, each worker
  std::vector<bool> taken_;   // its last upload
};

}  // namespace

JobResult serve_asynchronous(Served& served) {
  const Scenario& s = served.scenario;
  AsynchronousMethod method = s.make_asynchronous(s.algorithms[served.i]);
  Desk desk(served);
  Arrivals arrivals(method, desk, s.cluster.wire);
  ThreadTeam alone(1);
  CarriedRun carried;
  carried.measure = [&](Round) {
    return desk.aside([&] { return measure(s.problem, s.record, method.server->model(), alone); });
  };
  carried.carry_out = [&](const AfterRound& after) { arrivals.run(after); };
  const JobResult result = record_run(s, served.i, carried, served.rows.in(), served.report, served.extras);
  desk.end();
  return result;
}

}  // namespace laconic::deploy
