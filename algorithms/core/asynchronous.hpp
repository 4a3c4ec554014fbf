#pragma once

#include <memory>
#include <vector>

#include "algorithms/core/endpoints.hpp"

// Methods without rounds: the server takes what arrives one by one, and answers whom it will at once.

namespace laconic {

/// The server of an asynchronous method. It holds theta and its version, the number of its updates so far.
///
/// All of first() begin with an answer. A worker that has one computes Worker::round(n, answer) for its n-th, from
/// n = 0, and uploads. A driver takes what has arrived at one instant in worker order, and only then sends the answers
/// that are due, in worker order too; each answer() belongs to one round() of that worker.
class AsynchronousServer {
 public:
  virtual ~AsynchronousServer() = default;
  /// Who works from the start, ascending.
  virtual const std::vector<int>& first() const = 0;

  struct Taken {
    bool counts;      ///< false: it was thrown away, and the worker is to be as if it had stayed silent
    Round staleness;  ///< the version now less the one that the upload was computed at
    bool stepped;     ///< whether the version grew by one
  };
  /// Takes worker m's answer to what it was sent last; nullptr: it stays silent.
  virtual Taken take(int m, const Message* upload) = 0;
  /// Worker m has lost what it was doing, and the model too if `forgot`, and asks for an answer.
  virtual void ask(int m, bool forgot) = 0;
  /// Whom to answer now, ascending. Empties the list.
  virtual std::vector<int> due() = 0;
  /// What worker m receives: the model, or nullptr, a notice: it goes on with the model that it holds.
  virtual std::shared_ptr<const Message> answer(int m) = 0;

  virtual Round version() const = 0;
  virtual const Vector& model() const = 0;
};

/// An asynchronous algorithm, ready to run.
struct AsynchronousMethod {
  std::unique_ptr<AsynchronousServer> server;
  std::vector<std::unique_ptr<Worker>> workers;
  /// What is behind a worker's answer, and what it consists of: gradient steps, and messages of one length, which its
  /// upload is then made of.
  struct Share {
    Round steps = 1, messages = 1;
  };
  std::vector<Share> shares;  ///< each worker's
};

}  // namespace laconic
