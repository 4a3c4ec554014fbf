#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/base/random.hpp"
#include "algorithms/core/bits.hpp"
#include "algorithms/core/oracle.hpp"
#include "algorithms/core/types.hpp"
#include "algorithms/core/upload_sums.hpp"

// The parts that fill a method's slots, in the order in which a round meets them.

namespace laconic {

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
  /// Whether it divides the gradient by its own size.
  virtual bool normalises() const { return false; }
  /// Whether what compression leaves out is compressed again later, so that it grows without end under a compressor
  /// that is no contraction.
  virtual bool needs_contraction() const { return false; }
  /// Where uploads are differences to something that both ends keep: which part of an upload is added to it.
  virtual std::optional<double> shift() const { return {}; }
};

/// What coding costs, for each entry of a vector.
struct CodingCost {
  double flops = 0;
  double seconds = 0;  ///< on any host
  bool operator==(const CodingCost&) const = default;
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
  /// Whether every entry is encoded without regard to the others, so that layers make no difference.
  virtual bool entrywise() const { return false; }
  /// For an unbiased one, omega: E ||C(v) - v||^2 <= omega ||v||^2.
  virtual std::optional<double> omega() const { return {}; }
  /// For a contraction, delta >= 0: E ||C(v) - v||^2 <= (1 - delta) ||v||^2, in the 2-norm unless the compressor says
  /// another. Not positive for an unbiased one of omega >= 1, which is none.
  virtual std::optional<double> delta() const {
    const auto variance = omega();
    return variance ? std::optional(1 - *variance) : std::nullopt;
  }
  /// Whether C(c v) = C(v) for all c > 0, so that a step size within v is lost.
  virtual bool forgets_size() const { return false; }
  /// Whether it is made for differences to what was last sent, and wants the memory that forms them.
  virtual bool innovation() const { return false; }
  /// Where layers are encoded one behind the other, without regard to each other: how many bits each takes, or would
  /// take if its entries were normal. Empty: they are not.
  virtual std::vector<std::uint64_t> bits_by_layer(Wire wire) const { return (void)wire, std::vector<std::uint64_t>(); }
  /// How messages add up where they meet on their way.
  virtual Adds adds() const { return Adds::not_at_all; }
  /// The bits of every message on such a wire; nothing where they depend on the vector.
  virtual std::optional<std::uint64_t> payload_bits(Wire wire) const { return (void)wire, std::nullopt; }

  CodingCost encoding, decoding;  ///< simulated costs, which whoever makes a compressor states
};

/// A worker's upload that is about to happen, or not: what its rule may look at.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual Round k() const = 0;
  virtual const Vector& theta() const = 0;     ///< the model as received
  virtual const Vector& gradient() const = 0;  ///< taken at theta on this round's batch, before memory and compressor
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

/// Side values: real numbers, w bits each, that a worker writes beneath its uploads for a part of the server.
class SideValues {
 public:
  virtual ~SideValues() = default;
  virtual std::size_t count() const = 0;
  /// Called once the upload is certain.
  virtual void write(Candidate& candidate, std::span<double> values) = 0;
};

/// A part of the server that may ask the workers for side values.
class SideValueReader {
 public:
  virtual ~SideValueReader() = default;
  /// What worker m is to write; nullptr: nothing.
  virtual std::unique_ptr<SideValues> side_values(int m) const { return (void)m, nullptr; }
  /// What worker m wrote this round, as decoded.
  virtual void read_side_values(int m, std::span<const double> values) { (void)m, (void)values; }
};

/// The server's say: who takes part in round k. Others receive nothing, compute nothing and send nothing.
class Participation : public SideValueReader {
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

/// The server's step. Where a vote goes down, every worker has one too: it may depend on nothing but its arguments and
/// the side values that come down. Those that go up may be added up on their way: it may use their sum alone.
class Update : public SideValueReader {
 public:
  /// How many side values go down with the direction, to all copies of this part.
  virtual std::size_t side_values_down() const { return 0; }
  /// The server's copy writes them; every copy, the server's too, reads them as decoded before it steps.
  virtual void write_side_values_down(std::span<double> values) { (void)values; }
  virtual void read_side_values_down(std::span<const double> values) { (void)values; }
  virtual void apply(Round k, Vector& theta, const Vector& direction) = 0;
  /// Whether it divides the direction by its own size, so that a step size within the direction is lost.
  virtual bool normalises() const { return false; }
  /// Whether the models before and after its steps tell their directions.
  virtual bool tells_direction() const { return false; }
  /// Finds the direction of step k, where tells_direction(). A copy of the part that is asked is asked in every round,
  /// and takes no steps.
  virtual void find_direction(Round k, const Vector& before, const Vector& after, Vector& direction) {
    (void)k, (void)before, (void)after, (void)direction;
  }
};

/// Makes worker m's copy of a part.
template <class Part>
using PerWorker = std::function<std::unique_ptr<Part>(int m)>;

}  // namespace laconic
