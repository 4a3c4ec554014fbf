#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "algorithms/core/message.hpp"
#include "algorithms/core/types.hpp"

namespace laconic::network {

/// What a node of a graph said in a round: nullptr if it stayed silent, or where the mathematics is done elsewhere.
using Said = std::shared_ptr<const Message>;

/// What a node has from one of its neighbours, where messages may be late or lost.
class Heard {
 public:
  /// `keep`: whether it may stand for later ones that do not come.
  void arrived(Round k, Said said, bool keep) {
    if (k > newest_) {
      newest_ = k;
      if (keep) latest_ = said;
    }
    rounds_.emplace(k, std::move(said));
  }
  void lost(Round k) { lost_.insert(k); }
  /// Whether there is nothing to wait for in round k: its message is here, or it was lost and a later one is here.
  bool settled(Round k) const { return rounds_.contains(k) || (lost_.contains(k) && newest_ > k); }
  /// The message of round k, or else the latest, and its round; -1: there is none.
  std::pair<Round, Said> best(Round k) const {
    const auto own = rounds_.find(k);
    return own != rounds_.end() ? std::pair(k, own->second) : std::pair(newest_, latest_);
  }
  /// Those that no round of the node has taken.
  const std::map<Round, Said>& messages() const { return rounds_; }
  /// Round k has taken what it needs.
  void forget(Round k) {
    rounds_.erase(rounds_.begin(), rounds_.upper_bound(k));
    lost_.erase(lost_.begin(), lost_.upper_bound(k));
  }

 private:
  std::map<Round, Said> rounds_;
  std::set<Round> lost_;
  Round newest_ = -1;
  Said latest_;
};

}  // namespace laconic::network
