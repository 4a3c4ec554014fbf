#pragma once

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "platforms/simgrid/versions.hpp"
#include "sim/network/cluster.hpp"
#include "sim/network/timeline/timeline.hpp"
#include "sim/rounds/collectives/script.hpp"

namespace laconic::network {

/// Acts scripts out on a simulated platform: an actor on each worker's host runs its program, and the server's actor,
/// whoever calls perform(), runs the last. As in a star, all mailboxes have permanent receivers, and messages carry
/// sizes alone.
class CollectiveActors {
 public:
  CollectiveActors(const platforms::Deployment& hosts, const rounds::WireRules& wire, Timeline* timeline);
  /// Returns when every program has ended and every message has arrived.
  void perform(const rounds::Script& script);
  /// How long worker m has computed in the last one.
  double seconds(std::size_t m) const { return players_[m].seconds; }

 private:
  struct Letter {
    int from;
    double sent;  // when
  };
  struct Player {
    int number;
    sg::Host* host;
    sg::Mailbox* inbox;
    sg::SemaphorePtr cue;
    const std::vector<rounds::Step>* program = nullptr;
    std::vector<sg::CommPtr> sent;       // and perhaps not yet arrived
    std::deque<Letter> letters;          // of this round
    std::unordered_map<int, int> early;  // of each sender, messages that arrived before they were wanted
    double seconds = 0;
  };

  void play(Player& player);
  void act(Player& player, const rounds::Step& step);
  void await(Player& player, int peer);
  int take(Player& player);
  static void settle(Player& player);
  sg::Semaphore& whisper(int from, int to);

  const rounds::WireRules& wire_;
  Timeline* const timeline_;
  std::vector<Player> players_;  // the workers, then the server
  sg::SemaphorePtr bell_ = sg::Semaphore::create(0);
  std::size_t playing_ = 0;  // a plain counter: actors run one at a time
  std::map<std::pair<int, int>, sg::SemaphorePtr> whispers_;
};

}  // namespace laconic::network
