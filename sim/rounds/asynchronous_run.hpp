#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/base/threads.hpp"
#include "algorithms/core/asynchronous.hpp"
#include "sim/rounds/run_rounds.hpp"

namespace laconic::rounds {

/// What the server sends a worker, and what comes of it, which is calculated when it is sent: only when it will be over
/// is not known yet.
struct Errand {
  int m;
  Round n;                          ///< the worker's own count
  std::uint64_t down;               ///< bytes of the answer
  double flops;                     ///< as planned, before stragglers
  std::optional<std::uint64_t> up;  ///< bytes that come back; nothing: it stays silent for free
  Round messages = 1;               ///< so many times, one after the other
};

/// What the server hears.
struct Arrival {
  int m;
  double seconds = 0;   ///< how long the worker computed
  bool asks = false;    ///< it has lost its errand, and asks for another one
  bool forgot = false;  ///< the model that it held, too
};

/// An asynchronous run's mathematics and books. Whoever simulates the network says when errands are over; arrivals at
/// one instant are taken in worker order, and their answers sent after that, in worker order too, so that neither
/// rounding nor the order of events reaches what is learned.
class AsynchronousRun {
 public:
  /// Arrivals up to so many times the date of the first belong to its instant.
  static constexpr double instant = 1 + 1e-12;

  AsynchronousRun(AsynchronousMethod& method, const WireRules& wire, AfterRound after_update,
                  ThreadTeam* team = nullptr);

  /// The first errands, after the row of the start; nothing if the run ends there.
  std::span<const Errand> begin();
  /// Takes the arrivals of an instant at this date, which are in any order, and returns the errands that begin now.
  /// `before_row` adds to the ledger what only the simulation knows.
  std::span<const Errand> take(double date, std::vector<Arrival>& arrivals,
                               const std::function<void(Ledger&)>& before_row = {});
  /// Worker m has lost its errand.
  void lose(int m);
  bool over() const { return over_; }

  std::size_t workers() const { return method_.workers.size(); }
  const WireRules& wire() const { return wire_; }
  const Vector& model() const { return method_.server->model(); }
  Round updates() const { return method_.server->version(); }
  Ledger& ledger() { return ledger_; }

 private:
  struct Station {
    Round n = 0;  // errands so far
    const Message* upload = nullptr;
    std::optional<std::uint64_t> bits;  // of a message
    double flops = 0;
  };

  std::span<const Errand> send(const std::vector<int>& to);
  void hear(const Arrival& arrival);

  AsynchronousMethod& method_;
  const WireRules& wire_;
  AfterRound after_update_;
  ThreadTeam alone_, &team_;
  std::vector<Station> stations_;
  std::vector<std::shared_ptr<const Message>> answers_;
  std::vector<Errand> errands_;
  Ledger ledger_;
  Round steps_ = 0;   // gradient steps that arrived
  double flops_ = 0;  // of the last errands
  bool over_ = false;
};

}  // namespace laconic::rounds
