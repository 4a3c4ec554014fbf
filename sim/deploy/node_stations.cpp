#include "sim/deploy/node_stations.hpp"

#include <algorithm>
#include <cstring>

#include "sim/rounds/gossip.hpp"

namespace laconic::deploy {

using namespace graphs;
using namespace rounds;
using namespace scenario;

namespace {

void put(std::vector<std::byte>& out, const void* bytes, std::size_t count) {
  const std::size_t before = out.size();
  out.resize(before + count);
  if (count > 0) std::memcpy(out.data() + before, bytes, count);
}

std::span<const std::byte> bytes_of(const Message* message) {
  return message ? std::span<const std::byte>(message->bytes) : std::span<const std::byte>();
}

}  // namespace

Round DueRounds::ahead(std::size_t d, std::size_t M) const {
  constexpr std::size_t room = std::size_t{1} << 26, least = 2, most = 64;
  const std::size_t bytes = std::max<std::size_t>(1, 2 * sizeof(double) * d * M);
  return every_ * static_cast<Round>(std::clamp(room / bytes, least, most));
}

std::vector<std::byte> NodeReport::bytes() const {
  const std::uint64_t count = records.size();
  std::vector<std::byte> out;
  put(out, &count, sizeof count);
  put(out, records.data(), count * sizeof(Record));
  if (!state) return out;
  for (const Vector* one : {&state->model, &state->share})
    put(out, one->data(), static_cast<std::size_t>(one->size()) * sizeof(double));
  return out;
}

NodeReport NodeReport::of(std::span<const std::byte> bytes) {
  NodeReport out;
  std::uint64_t count = 0;
  std::memcpy(&count, bytes.data(), sizeof count);
  bytes = bytes.subspan(sizeof count);
  out.records.resize(count);
  std::memcpy(out.records.data(), bytes.data(), count * sizeof(Record));
  bytes = bytes.subspan(count * sizeof(Record));
  if (bytes.empty()) return out;
  const std::size_t half = bytes.size() / 2;
  const auto vector = [&](std::size_t at) {
    Vector one(static_cast<Index>(half / sizeof(double)));
    std::memcpy(one.data(), bytes.data() + at, half);
    return one;
  };
  out.state = PeerState{vector(0), vector(half)};
  return out;
}

NodeStations::NodeStations(const Scenario& s, std::size_t i, const Placement& placement, Post& post)
    : graph_(s.algorithms[i].graph),
      method_(s.make_peers(s.algorithms[i])),
      due_(s.record),
      placement_(placement),
      post_(post),
      run_(static_cast<int>(i)) {
  const auto [begin, end] = placement.of_rank(post.transport().rank());
  for (int m = begin; m < end; ++m) nodes_.emplace_back().number = m;
  limit_ = due_.ahead(static_cast<std::size_t>(s.problem.d), method_.peers.size());
}

void NodeStations::start() {
  for (Node& node : nodes_) go_on(node);
}

void NodeStations::take(const Letter& letter) {
  const Header& h = letter.header;
  if (h.kind == Kind::onward) {
    limit_ = h.round;
    return start();
  }
  Node& node = nodes_.at(static_cast<std::size_t>(h.to - nodes_.front().number));
  node.arrived[h.round].push_back(letter);
  go_on(node);
}

// As far as it can without more messages.
void NodeStations::go_on(Node& node) {
  for (; node.k < limit_; ++node.k) {
    if (!node.sent) send(node);
    if (node.arrived[node.k].size() < graph_->at(node.k).in[static_cast<std::size_t>(node.number)].size()) return;
    mix(node);
    node.sent = false;
  }
}

void NodeStations::send(Node& node) {
  Record& r = node.computed = {.what = Record::What::compute, .from = node.number, .to = node.number};
  r.start_rank = r.end_rank = post_.transport().rank();
  r.round = node.k;
  r.start_ns = now_ns();
  node.said = peer_of(node).send(node.k);
  r.end_ns = now_ns();
  r.flops = peer_of(node).flops();
  Header h{.kind = node.said ? Kind::peer : Kind::hush, .run = run_, .from = node.number, .round = node.k};
  h.bits = node.said ? node.said->bits : 0;
  for (const int to : graph_->at(node.k).out[static_cast<std::size_t>(node.number)]) {
    h.to = to;
    post_.send(placement_.rank_of(to), h, bytes_of(node.said));
  }
  node.sent = true;
}

void NodeStations::mix(Node& node) {
  auto heard = std::move(node.arrived[node.k]);
  node.arrived.erase(node.k);
  std::sort(heard.begin(), heard.end(), [](const Letter& a, const Letter& b) { return a.header.from < b.header.from; });
  Peer& peer = peer_of(node);
  for_heard(graph_->at(node.k), node.number, [&](int from, double weight, std::size_t place) {
    if (from != node.number) {
      if (heard[place].header.kind == Kind::peer) peer.hear(node.k, from, weight, heard[place].message());
    } else if (node.said) {
      peer.hear(node.k, from, weight, *node.said);
    }
  });
  peer.mix(node.k);
  report(node, heard);
}

void NodeStations::report(Node& node, const std::vector<Letter>& heard) {
  NodeReport report{.records = {node.computed}};
  for (const Letter& letter : heard) {
    const Header& h = letter.header;
    Record& r = report.records.emplace_back();
    r = {.what = Record::What::peer, .from = h.from, .to = node.number, .start_rank = letter.rank};
    r.end_rank = post_.transport().rank();
    r.round = h.round;
    r.bits = h.bits;
    r.bytes = letter.bytes.size();
    r.start_ns = h.sent_ns;
    r.end_ns = letter.taken_ns;
  }
  if (due_(node.k + 1)) report.state = PeerState{peer_of(node).model(), peer_of(node).share()};
  Header h{.kind = Kind::report, .run = run_, .from = node.number, .to = -1, .round = node.k};
  h.bits = node.said ? node.said->bits : silent;
  h.flops = node.computed.flops;
  post_.send(0, h, report.bytes());
}

}  // namespace laconic::deploy
