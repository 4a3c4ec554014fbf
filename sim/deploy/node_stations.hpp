#pragma once

#include <map>

#include "sim/deploy/log.hpp"
#include "sim/deploy/stations.hpp"

namespace laconic::deploy {

/// After which rounds of a method on a graph rank 0 wants the nodes' models: where a row is due, or a run may end.
class DueRounds {
 public:
  explicit DueRounds(const results::RecordRules& rules)
      : every_(rules.upload_bits || rules.sim_time ? 1 : rules.every), last_(rules.rounds) {}
  bool operator()(Round rounds) const { return rounds % every_ == 0 || rounds >= last_; }
  /// How many rounds nodes may be ahead of the rows, for models of d numbers at M nodes that wait at rank 0.
  Round ahead(std::size_t d, std::size_t M) const;

 private:
  Round every_, last_;
};

/// What a node tells rank 0 of a round.
struct NodeReport {
  std::vector<Record> records;                  ///< what it computed, and what arrived
  std::optional<rounds::PeerState> state = {};  ///< where that is due

  std::vector<std::byte> bytes() const;
  static NodeReport of(std::span<const std::byte> bytes);
};

/// A rank's nodes of a synchronous method on a graph. Each goes on when it has heard its neighbours.
class NodeStations : public Stations {
 public:
  NodeStations(const scenario::Scenario& scenario, std::size_t i, const Placement& placement, Post& post);
  void start() override;
  void take(const Letter& letter) override;

 private:
  struct Node {
    int number = 0;
    Round k = 0;
    bool sent = false;  // in round k
    const Message* said = nullptr;
    Record computed = {};
    std::map<Round, std::vector<Letter>> arrived;  // of rounds that have not ended
  };

  void go_on(Node& node);
  void send(Node& node);
  void mix(Node& node);
  void report(Node& node, const std::vector<Letter>& heard);
  Peer& peer_of(const Node& node) { return *method_.peers[static_cast<std::size_t>(node.number)]; }

  std::shared_ptr<const graphs::Graph> graph_;
  PeerMethod method_;
  DueRounds due_;
  Placement placement_;
  Post& post_;
  int run_;
  Round limit_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace laconic::deploy
