#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "algorithms/core/endpoints.hpp"
#include "sim/rounds/round_plan.hpp"

// Endpoints of a method that share nothing but messages, whoever carries those: actors in SimGrid, or processes. Some
// methods' servers have more to send before they step, which everybody answers in the same way. Where a vote goes down
// instead of the model, it travels at the start of the next round, and workers who know theta^0 begin the first one by
// themselves.

namespace laconic::rounds {

/// What carries a server's messages.
struct Carrier {
  struct Answer {
    double flops;                   ///< what the worker computed for it
    std::optional<Message> upload;  ///< nothing: it stays silent
  };
  /// The server has spent so many flops on what it is about to send.
  std::function<void(double flops)> computed;
  /// Sends these workers a message that was written in round k; `again`: in the midst of the round.
  std::function<void(const std::vector<int>& to, Round k, const Message& message, bool again)> send;
  /// Waits for the answer of each of these workers.
  std::function<std::map<int, Answer>(const std::vector<int>& from)> hear;
};

/// The server's end.
class ServerApart {
 public:
  ServerApart(Server& server, Carrier carrier) : server_(server), carrier_(std::move(carrier)) {}
  /// Carries out round k, which is the next one. Returns it as its messages and computations were counted, until the
  /// next call.
  const RoundPlan& round(Round k);

 private:
  void hear(const std::vector<int>& chosen, Round k, RoundPlan& counted);

  Server& server_;
  const Carrier carrier_;
  std::optional<Message> vote_;  // the last round's, where votes go down
  RoundPlan counted_;
};

/// A worker's end.
class WorkerApart {
 public:
  /// `votes_go_down`: whether the server does not broadcast the model.
  WorkerApart(Worker& worker, bool votes_go_down) : worker_(&worker), votes_go_down_(votes_go_down) {}

  struct Upload {
    Round k;                 ///< the round that it belongs to
    const Message* message;  ///< nullptr: silent; else as long as Worker::round()'s
  };
  /// What the worker says before it has heard anything; nothing: it waits.
  std::optional<Upload> start();
  /// Its answer to a message of round k (Carrier::send).
  Upload take(Round k, const Message& message, bool again);

 private:
  Worker* worker_;
  bool votes_go_down_;
};

}  // namespace laconic::rounds
