#include <deque>

#include "sim/deploy/desk.hpp"
#include "sim/deploy/node_stations.hpp"
#include "sim/rounds/gossip.hpp"

namespace laconic::deploy {

using namespace results;
using namespace rounds;
using namespace run;
using namespace scenario;

namespace {

// Keeps the books of nodes, which are ahead of it.
class Books {
 public:
  Books(Desk& desk, const graphs::Graph& graph, const PeerMethod& method, const Scenario& s)
      : desk_(desk),
        graph_(graph),
        wire_(s.cluster.wire),
        due_(s.record),
        M_(method.peers.size()),
        ahead_(due_.ahead(static_cast<std::size_t>(s.problem.d), M_)),
        models_(models_of(method)) {}

  const PeerModels& models() const { return models_; }
  bool may_end(Round rounds) const { return due_(rounds); }

  void run(const std::function<void(const RoundPlan&)>& seen, const AfterRound& after) {
    Ledger ledger;
    if (!desk_.after(after, 0, 0, ledger)) return;
    desk_.start();
    for (Round k = 0;; ++k) {
      while (rounds_.empty() || rounds_.front().left > 0) hear(desk_.served().ranks.receive(), k);
      const Pending round = std::move(rounds_.front());
      rounds_.pop_front();
      count_gossip(round.plan, graph_.at(k), wire_, ledger);
      ledger.compute_s += round.compute_s;
      seen(round.plan);
      if (due_(k + 1)) models_ = models_of(round.ended);
      if (!desk_.after(after, k + 1, desk_.seconds_at(round.over_ns), ledger)) return;
      if (due_(k + 1)) desk_.served().ranks.onward(k + 1 + ahead_);
    }
  }

 private:
  struct Pending {
    RoundPlan plan;
    std::size_t left;  // nodes that have not ended it
    std::vector<PeerState> ended;
    double compute_s = 0;
    std::int64_t over_ns = 0;
  };

  // `first`: the round that is to be over next.
  void hear(const Letter& letter, Round first) {
    const Header& h = letter.header;
    if (h.kind != Kind::report) return;
    for (auto k = static_cast<Round>(rounds_.size()) + first; k <= h.round; ++k) {
      rounds_.push_back({.plan = {}, .left = M_, .ended = std::vector<PeerState>(M_)});
      rounds_.back().plan.shares.resize(M_);
    }
    Pending& round = rounds_[static_cast<std::size_t>(h.round - first)];
    const auto node = static_cast<std::size_t>(h.from);
    round.plan.shares[node] = {h.from, h.flops, h.bits == silent ? std::nullopt : std::optional(h.bits)};
    NodeReport report = NodeReport::of(letter.payload());
    for (const Record& record : report.records) desk_.log(record);
    const Record& computed = report.records.front();
    round.compute_s += 1e-9 * static_cast<double>(computed.end_ns - computed.start_ns);
    round.over_ns = std::max(round.over_ns, desk_.at_rank_0(letter.rank, h.sent_ns));
    if (report.state) round.ended[node] = std::move(*report.state);
    --round.left;
  }

  Desk& desk_;
  const graphs::Graph& graph_;
  const WireRules& wire_;
  const DueRounds due_;
  const std::size_t M_;
  const Round ahead_;
  PeerModels models_;
  std::deque<Pending> rounds_;
};

}  // namespace

JobResult serve_graph(Served& served) {
  const Scenario& s = served.scenario;
  const AlgorithmEntry& algorithm = s.algorithms[served.i];
  const PeerMethod method = s.make_peers(algorithm);
  Desk desk(served);
  Books books(desk, *algorithm.graph, method, s);
  ThreadTeam alone(1);
  CarriedRun carried;
  carried.local_steps = method.local_steps;
  carried.may_end = [&](Round rounds) { return books.may_end(rounds); };
  carried.measure = [&](Round) {
    const auto measured = [&] {
      Measures out = measure(s.problem, s.record, books.models().mean, alone);
      out.consensus = books.models().consensus;
      return out;
    };
    return served.ranks.count() > 1 ? measured() : desk.aside(measured);  // nodes elsewhere go on meanwhile
  };
  carried.carry_out = [&](const AfterRound& after) {
    books.run([&](const RoundPlan& plan) { desk.on_record(plan); }, after);
  };
  const JobResult result = record_run(s, served.i, carried, served.rows.in(), served.report, served.extras);
  desk.end();
  return result;
}

}  // namespace laconic::deploy
