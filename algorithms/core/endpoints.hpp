#pragma once

#include <memory>
#include <vector>

#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"
#include "algorithms/core/upload_sums.hpp"

// The endpoints of a method turn messages into messages, and do not know who carries them.

namespace laconic {

/// One end of the network. A driver calls round() once for every round in which worker m takes part, upload_decided()
/// once for every upload, and close() where the round ends with a vote.
class Worker {
 public:
  virtual ~Worker() = default;
  /// The upload, valid until this worker's next round; nullptr: silent. `broadcast` is nullptr if the server sent none.
  virtual const Message* round(Round k, const Message* broadcast) = 0;
  /// The upload that answers what the server sends in the midst of round k (Server::next_exchange), valid as long as
  /// round()'s; nullptr: silent.
  virtual const Message* answer(Round k, const Message& message) { return (void)k, (void)message, nullptr; }
  /// Once the fate of an upload is known, before this worker's next round: whether the server took it. If not, the
  /// worker is to be as if it had stayed silent. Methods that refuse deadlines (setup.hpp) need not care.
  virtual void upload_decided(bool taken) { (void)taken; }
  virtual void close(Round k, const Message& vote_down) = 0;
  /// Simulated flops of the last round, or answer.
  virtual double flops() const = 0;
  /// The model this worker computes with.
  virtual const Vector& model() const = 0;
};

/// The other end. In each round a driver calls broadcast, then participants, then receive in ascending order of m
/// for those who uploaded; then next_exchange, and receive for those who answered it, until there is none; then
/// finish_round, then vote.
class Server {
 public:
  virtual ~Server() = default;
  /// Whether the model goes down at the start of a round. If not, workers keep copies of it, all take part, and a
  /// vote goes down at the end.
  virtual bool broadcasts() const { return true; }
  /// The model on its way to the participants; nullptr if it is not broadcast.
  virtual const Message* broadcast(Round k) = 0;
  virtual const std::vector<int>& participants(Round k) = 0;
  /// Worker m's upload of round `sent`: this one, or an earlier one where the method does not refuse deadlines
  /// (setup.hpp).
  virtual void receive(int m, const Message& message, Round sent) = 0;
  /// What goes to the participants once all their uploads are there, for them to answer in the same round, valid until
  /// the next call; nullptr: the server has all that its step needs.
  virtual const Message* next_exchange(Round k) { return (void)k, nullptr; }
  virtual void finish_round(Round k) = 0;
  /// What goes to all workers at the end of the round, valid until the next one's; nullptr where a model was broadcast.
  virtual const Message* vote_down(Round k) = 0;
  virtual const Vector& model() const = 0;
  /// Simulated flops the server spent on the last broadcast.
  virtual double flops() const { return 0; }
  /// Simulated flops of decoding the uploads that came since the broadcast before, which it does before the next one.
  /// Not counted where a collective adds uploads up on their way.
  virtual double decoding_flops() const { return 0; }
};

/// An algorithm, ready to run.
struct Method {
  std::unique_ptr<Server> server;
  std::vector<std::unique_ptr<Worker>> workers;
  Round local_steps = 1;  ///< gradient steps of a worker in a round
  /// What becomes of its uploads where they meet on their way.
  Summation uploads{.no_sum = Refusal{"method", "what it uploads is not known to add up"}};
};

}  // namespace laconic
