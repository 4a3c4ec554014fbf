#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/base/random.hpp"
#include "algorithms/core/bits.hpp"
#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"
#include "algorithms/core/upload_sums.hpp"

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
  /// Simulated flops of one gradient; the loss comes free with it.
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
  /// Whether the step size is part of what is sent, so that the server steps by 1.
  virtual bool applies_step() const { return false; }
  /// Where uploads are differences to something that both ends keep: which part of an upload is added to it.
  virtual std::optional<double> shift() const { return {}; }
};

/// Encodes a vector into a message and decodes it. decode reads exactly what encode wrote, and throws
/// std::out_of_range for a message that no encode can have written.
class Compressor {
 public:
  virtual ~Compressor() = default;
  /// Both ends know the stream: decode may draw from `rng` what encode drew, instead of reading it.
  virtual void encode(const Vector& v, Rng& rng, BitWriter& out) const = 0;
  virtual void decode(BitReader& in, Rng& rng, Vector& v) const = 0;
  /// Whether decode(encode(v)) differs from v by more than wire rounding.
  virtual bool lossy() const { return true; }
  /// Whether all decoded entries have one magnitude, so that the message is a vote.
  virtual bool votes() const { return false; }
  /// For an unbiased one, omega: E ||C(v) - v||^2 <= omega ||v||^2.
  virtual std::optional<double> omega() const { return {}; }
  /// Whether it is made for differences to what was last sent, and wants the memory that forms them.
  virtual bool innovation() const { return false; }
  /// How messages add up where they meet on their way.
  virtual Adds adds() const { return Adds::not_at_all; }
};

/// A worker's upload that is about to happen, or not: what its rule may look at.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual Round k() const = 0;
  virtual const Vector& theta() const = 0;     ///< the model as received
  virtual const Vector& gradient() const = 0;  ///< at theta, on this round's batch, before memory and compressor
  virtual const Oracle& oracle() const = 0;
  virtual const Batch& batch() const = 0;
  /// The gradient at another model on this round's batch. Its flops are counted.
  virtual void gradient_at(const Vector& theta, Vector& gradient) = 0;
  /// What the server would hold for this worker after the upload. Encodes, on the first call.
  virtual const Vector& held() = 0;
};

/// The worker's say: does it upload this round? Called once every round in which the worker takes part.
class Trigger {
 public:
  virtual ~Trigger() = default;
  virtual bool fires(Candidate& candidate) = 0;
  virtual void uploaded(Candidate& candidate) = 0;
  /// Whether it asks for gradients at other models than the one received.
  virtual bool compares_gradients() const { return false; }
  /// Whether a worker may ever stay silent, so that the server must reuse what it last sent.
  virtual bool lazy() const { return true; }
};

/// Real numbers that a worker writes beneath its uploads, w bits each.
class Postscript {
 public:
  virtual ~Postscript() = default;
  virtual std::size_t count() const = 0;
  /// Called once the upload is certain.
  virtual void write(Candidate& candidate, std::span<double> numbers) = 0;
};

/// A part of the server that asks for a postscript.
class PostscriptReader {
 public:
  virtual ~PostscriptReader() = default;
  /// What worker m writes; nullptr: nothing.
  virtual std::unique_ptr<Postscript> postscript(int m) const { return (void)m, nullptr; }
  /// What worker m wrote this round, as decoded.
  virtual void noted(int m, std::span<const double> numbers) { (void)m, (void)numbers; }
};

/// The server's say: who takes part in round k. Others receive nothing, compute nothing and send nothing.
class Participation : public PostscriptReader {
 public:
  /// `model` is the model as the workers would receive it. Ascending worker numbers.
  virtual const std::vector<int>& choose(Round k, const Vector& model) = 0;
  virtual bool lazy() const { return true; }
  /// How many workers take part, where that is fixed and fewer than all.
  virtual std::optional<int> clients() const { return {}; }
};

/// Adds up what the workers sent, in worker order.
class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual void begin_round() = 0;
  virtual void add(int m, const Vector& v) = 0;
  /// G^k, the direction of the server's step.
  virtual const Vector& result() = 0;
  /// Whether G^k is a vote, one sign per coordinate: then the vote goes down instead of the model, and every worker
  /// takes the server's step on a copy of its own. `scaled`: the signs have a magnitude, which goes down with them.
  virtual bool votes() const { return false; }
  virtual bool scaled() const { return false; }
};

/// The server's step. Where a vote goes down, every worker has one too: it may depend on nothing but its arguments.
/// Of postscripts it may use the sum over the workers alone: on the way up, they may be added up.
class Update : public PostscriptReader {
 public:
  /// What the server tells all other copies of this part besides the direction: so many numbers, w bits each.
  virtual std::size_t announced() const { return 0; }
  virtual void announce(std::span<double> numbers) { (void)numbers; }
  virtual void hear(std::span<const double> numbers) { (void)numbers; }
  virtual void apply(Round k, Vector& theta, const Vector& direction) = 0;
};

/// One end of the network. A driver calls round() once for every round in which worker m takes part, upload_decided()
/// once for every upload, and close() where the round ends with a vote.
class Worker {
 public:
  virtual ~Worker() = default;
  /// The upload, valid until this worker's next round; nullptr: silent. `broadcast` is nullptr if the server sent none.
  virtual const Message* round(Round k, const Message* broadcast) = 0;
  /// Once the fate of an upload is known, before this worker's next round: whether the server took it. If not, the
  /// worker is to be as if it had stayed silent. Methods that refuse deadlines (setup.hpp) need not care.
  virtual void upload_decided(bool taken) { (void)taken; }
  virtual void close(Round k, const Message& vote_down) = 0;
  /// Simulated flops of the last round.
  virtual double flops() const = 0;
  /// The model this worker computes with.
  virtual const Vector& model() const = 0;
};

/// The other end. In each round a driver calls broadcast, then participants, then receive in ascending order of m
/// for those who uploaded, then finish_round, then vote.
class Server {
 public:
  virtual ~Server() = default;
  /// Whether the model goes down at the start of a round. If not, workers keep copies of it, all take part, and a
  /// vote goes down at the end.
  virtual bool broadcasts() const { return true; }
  /// The model on its way to the participants; nullptr if it is not broadcast.
  virtual const Message* broadcast(Round k) = 0;
  virtual const std::vector<int>& participants(Round k) = 0;
  virtual void receive(int m, const Message& message) = 0;
  /// The same of an upload of an earlier round, `sent`, where the method does not refuse deadlines (setup.hpp).
  virtual void receive_late(int m, const Message& message, Round sent) { (void)sent, receive(m, message); }
  virtual void finish_round(Round k) = 0;
  /// What goes to all workers at the end of the round, valid until the next one's; nullptr where a model was broadcast.
  virtual const Message* vote_down(Round k) = 0;
  virtual const Vector& model() const = 0;
  /// Simulated flops the server spent on the last broadcast.
  virtual double flops() const { return 0; }
};

/// An algorithm, ready to run.
struct Method {
  std::unique_ptr<Server> server;
  std::vector<std::unique_ptr<Worker>> workers;
  Round local_steps = 1;  ///< gradient steps of a worker in a round
  /// What becomes of its uploads where they meet on their way.
  Summation uploads{.no_sum = Refusal{"method", "what it uploads is not known to add up"}};
};

/// Makes worker m's copy of a part.
template <class Part>
using PerWorker = std::function<std::unique_ptr<Part>(int m)>;

}  // namespace laconic
