#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"

// What becomes of uploads that are added up on their way, before they reach the server: their sizes alone. What is
// learned is added up by the server as ever, in worker order: see sim/rounds/collectives.

namespace laconic {

/// How the messages of a code add up.
enum class Adds : std::uint8_t {
  not_at_all,  ///< their sum is no message of the kind
  reals,       ///< entry by entry, w bits each
  signs,       ///< m votes are counted: one of m + 1 values an entry
  entries,     ///< to the union of the entries they name
  drawn,       ///< to the union of the entries they name, which whoever knows the draws knows
};

/// The code of a round's partial sums. (Of one worker alone, it is the upload that travels, as it is.)
struct SumCode {
  Adds adds = Adds::not_at_all;
  Index d = 0;      ///< entries of a vector
  int w = 0;        ///< bits of a real number
  int vectors = 1;  ///< how many vectors a message holds
  int numbers = 0;  ///< real numbers beside them, each a sum: magnitudes, side values
  bool operator==(const SumCode&) const = default;

  /// Whether a sum's size depends on what is in it.
  bool grows() const { return adds == Adds::entries || adds == Adds::drawn; }

  /// Payload bits of the sum over `workers` >= 1 uploads, restricted to `length` of the entries, of which `filled` are
  /// in the union, where that matters. The first part of a vector has the numbers with it. A union names its entries,
  /// 32 bits say how many, until the whole part is shorter. (Renggli et al.: "SparCML", SC 2019)
  std::uint64_t bits(int workers, Index length, Index filled, bool first) const;
};

/// A part of a worker's upload that is known before all is computed, since a backward pass ends with the first layer.
struct UploadPart {
  double ready = 1;             ///< the share of its computing time after which a worker knows it
  Index first = 0, length = 0;  ///< which entries of the vector it holds
  std::uint64_t bits = 0;       ///< its size; where uploads differ, in proportion to the others'
  bool operator==(const UploadPart&) const = default;
};

/// What keeps an algorithm from a collective: a key of its entry, and the reason.
struct Refusal {
  std::string key, why;
};

/// What whoever carries a method's uploads must know of them.
struct Summation {
  std::optional<Refusal> some_take_part = {};  ///< not everybody in every round
  std::optional<Refusal> no_sum = {};          ///< the server needs the uploads one by one
  std::optional<Refusal> no_copies = {};       ///< workers cannot take the server's step themselves

  /// The code of round k; empty if there is no_sum.
  std::function<SumCode(Round k)> code = {};
  /// The codes of a round's further exchanges, none of which grows.
  std::vector<SumCode> further = {};
  /// The entries that worker m's upload fills, ascending, where the code grows.
  std::function<void(Round k, int m, const Message& upload, std::vector<Index>& entries)> entries = {};

  /// The parts of an upload, one for each layer, in the order in which they are known; empty: all of it is known when
  /// all is computed, for this reason.
  std::vector<UploadPart> parts = {};
  Refusal in_one_piece = {"method", "its upload is made of all that a worker computes"};
};

}  // namespace laconic
