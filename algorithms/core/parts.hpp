#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/core/bits.hpp"
#include "algorithms/core/message.hpp"
#include "algorithms/core/random.hpp"
#include "algorithms/core/types.hpp"

// The interfaces a method is composed of, in the order in which a round meets them.

namespace laconic {

/// The samples of one gradient: row numbers of one worker, or all of them.
struct Batch {
  std::span<const std::int32_t> rows;  ///< empty when full
  Index size = 0;
  bool full = true;
};

/// A worker's local objective f_m, its samples reduced and regularised as the problem says.
/// On a mini-batch a sum over n samples is estimated by n/b times the sum over the batch, a mean by the batch's mean.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual Index samples() const = 0;
  /// grad f_m(theta; xi) into `gradient`, which has d entries.
  virtual void gradient(const Vector& theta, const Batch& xi, Vector& gradient) const = 0;
  /// f_m(theta; xi), and its gradient if asked for.
  virtual double loss(const Vector& theta, const Batch& xi, Vector* gradient = nullptr) const = 0;
  /// Simulated flops of one gradient; the loss comes free with it. (algorithms.md section 8)
  virtual double flops(const Batch& xi) const = 0;
};

/// Draws a worker's batches.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual Batch draw(Round k) = 0;
};

/// What a worker keeps between rounds to repair what compression loses.
class Memory {
 public:
  virtual ~Memory() = default;
  /// The vector the worker would like the server to know, from its fresh gradient.
  virtual void compensate(Round k, const Vector& g, Vector& wanted) = 0;
  /// What the server will hold for this worker once it has received `sent`.
  virtual void held(const Vector& sent, Vector& copy) const { copy = sent; }
  /// After an upload: `sent` is the decoded message, wire rounding included.
  virtual void commit(const Vector& wanted, const Vector& sent) = 0;
};

/// Encodes a vector into a message and decodes it. decode reads exactly what encode wrote.
class Compressor {
 public:
  virtual ~Compressor() = default;
  virtual void encode(const Vector& v, Rng& rng, BitWriter& out) const = 0;
  virtual void decode(BitReader& in, Vector& v) const = 0;
  /// Whether decode(encode(v)) differs from v by more than wire rounding.
  virtual bool lossy() const { return true; }
};

/// A worker's upload that is about to happen, or not: what its rule may look at.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual Round k() const = 0;
  virtual const Vector& theta() const = 0;     ///< the model as received
  virtual const Vector& gradient() const = 0;  ///< at theta, on this round's batch, before memory and compressor
  /// What the server would hold for this worker after the upload. Encodes, on the first call.
  virtual const Vector& held() = 0;
};

/// The worker's say: does it upload this round? Called once every round in which the worker takes part.
class Trigger {
 public:
  virtual ~Trigger() = default;
  virtual bool fires(Candidate& candidate) = 0;
  virtual void uploaded(Candidate& candidate) = 0;
  /// Whether a worker may ever stay silent, so that the server must reuse what it last sent.
  virtual bool lazy() const { return true; }
};

/// The server's say: who takes part in round k. Others receive nothing, compute nothing and send nothing.
class Participation {
 public:
  virtual ~Participation() = default;
  /// `model` is the model as the workers would receive it. Ascending worker numbers.
  virtual const std::vector<int>& choose(Round k, const Vector& model) = 0;
  virtual bool lazy() const { return true; }
};

/// Adds up what the workers sent, in worker order.
class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual void begin_round() = 0;
  virtual void add(int m, const Vector& v) = 0;
  /// G^k, the direction of the server's step.
  virtual const Vector& result() = 0;
};

/// The server's step.
class Update {
 public:
  virtual ~Update() = default;
  virtual void apply(Round k, Vector& theta, const Vector& direction) = 0;
};

/// One end of the network. A driver calls round() once for every round in which worker m takes part.
class Worker {
 public:
  virtual ~Worker() = default;
  /// The upload, valid until this worker's next round; nullptr: silent.
  virtual const Message* round(Round k, const Message& broadcast) = 0;
  /// Simulated flops of the last round.
  virtual double flops() const = 0;
};

/// The other end. In each round a driver calls broadcast, then participants, then receive in ascending order of m
/// for those who uploaded, then finish_round.
class Server {
 public:
  virtual ~Server() = default;
  virtual const Message& broadcast(Round k) = 0;
  virtual const std::vector<int>& participants(Round k) = 0;
  virtual void receive(int m, const Message& message) = 0;
  virtual void finish_round(Round k) = 0;
  virtual const Vector& model() const = 0;
  /// Simulated flops the server spent on the last broadcast.
  virtual double flops() const { return 0; }
};

/// An algorithm, ready to run.
struct Method {
  std::unique_ptr<Server> server;
  std::vector<std::unique_ptr<Worker>> workers;
};

/// Makes worker m's copy of a part.
template <class Part>
using PerWorker = std::function<std::unique_ptr<Part>(int m)>;

}  // namespace laconic
