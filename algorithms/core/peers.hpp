#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"

// Methods without a server: nodes turn what their neighbours sent into what they send them.

namespace laconic {

/// One node. In each round a driver calls send(), then hear() in ascending order of the senders for all who sent it
/// something, the node itself among them, then mix().
class Peer {
 public:
  virtual ~Peer() = default;
  /// Computes, and returns what goes to each of its out-neighbours in round k, valid until the next call; nullptr: it
  /// stays silent, and they are told that with a notice.
  virtual const Message* send(Round k) = 0;
  /// `from`, whose vectors weigh `weight` here in round k, has sent this.
  virtual void hear(Round k, int from, double weight, const Message& message) = 0;
  /// All have been heard: ends round k.
  virtual void mix(Round k) = 0;
  /// Simulated flops of the last send().
  virtual double flops() const = 0;
  /// x_i, the node's model.
  virtual const Vector& model() const = 0;
  /// What the mean model is the mean of.
  virtual const Vector& share() const { return model(); }
};

/// A method on a graph, ready to run: a peer for each node.
struct PeerMethod {
  std::vector<std::unique_ptr<Peer>> peers;
  Round local_steps = 1;  ///< gradient steps of a node in a round
};

/// One node of a method without rounds, in which two nodes at a time exchange their models. A driver calls begin(),
/// then, when the node has computed, offer(), and finish() when the answer has arrived; and in between answer(),
/// whenever another node's offer arrives.
class ExchangingPeer {
 public:
  virtual ~ExchangingPeer() = default;
  /// Takes the node's j-th gradient, j = 0, 1, ..., at its model as it is now.
  virtual void begin(Round j) = 0;
  /// Whom it then exchanges with; nothing: it has no neighbours.
  virtual std::optional<int> partner(Round j) const = 0;
  /// Its model as it is now, on its way to that neighbour; valid until the next call.
  virtual const Message* offer(Round j) = 0;
  /// Answers another node's offer with its own model, and moves towards the offered one; valid until the next call.
  virtual const Message* answer(const Message& offer) = 0;
  /// Moves towards the answer, and takes its step. nullptr: it has no neighbours.
  virtual void finish(Round j, const Message* answer) = 0;
  /// Simulated flops of the last begin().
  virtual double flops() const = 0;
  virtual const Vector& model() const = 0;
};

/// An asynchronous method on a graph, ready to run.
struct ExchangeMethod {
  std::vector<std::unique_ptr<ExchangingPeer>> peers;
};

}  // namespace laconic
