#include "sim/network/simulated/collective_round.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

CollectiveActors::CollectiveActors(const Deployment& hosts, const WireRules& wire, Timeline* timeline)
    : wire_(wire), timeline_(timeline) {
  const std::size_t M = hosts.workers.size();
  players_.resize(M + 1);
  for (std::size_t i = 0; i <= M; ++i) {
    const std::string name = i < M ? "worker-" + std::to_string(i) : "server";
    Player& player = players_[i];
    player.number = static_cast<int>(i);
    player.host = i < M ? hosts.workers[i] : hosts.server;
    player.inbox = sg::Mailbox::by_name(name);
    player.cue = sg::Semaphore::create(0);
    if (i == M) continue;
    sg::add_actor(
        name, hosts.workers[i],
        [this, &player] {
          player.inbox->set_receiver(sg::Actor::self());  // messages flow as soon as they are sent
          for (;;) {
            player.cue->acquire();
            play(player);
            if (--playing_ == 0) bell_->release();
          }
        },
        true);
  }
}

void CollectiveActors::perform(const Script& script) {
  playing_ = players_.size() - 1;
  for (std::size_t i = 0; i < players_.size(); ++i) {
    players_[i].program = &script.programs[i];
    players_[i].letters.clear();
  }
  for (std::size_t i = 0; i + 1 < players_.size(); ++i) players_[i].cue->release();
  players_.back().inbox->set_receiver(sg::Actor::self());
  play(players_.back());
  bell_->acquire();
}

void CollectiveActors::play(Player& player) {
  player.seconds = 0;
  for (const Step& step : *player.program) act(player, step);
  settle(player);
}

void CollectiveActors::act(Player& player, const Step& step) {
  const bool for_free = !step.payload && !wire_.skip_notice;
  switch (step.kind) {
    case Step::Kind::compute: {
      const double start = sg::Engine::get_clock();
      sg::this_actor::execute(step.flops);
      const double end = sg::Engine::get_clock();
      player.seconds += end - start;
      if (timeline_) timeline_->computed(player.host, start, end);
      break;
    }
    case Step::Kind::send:
      if (for_free) {
        whisper(player.number, step.peer).release();
      } else {
        sg::Mailbox* to = players_[static_cast<std::size_t>(step.peer)].inbox;
        Letter& letter = player.letters.emplace_back(Letter{player.number, sg::Engine::get_clock()});
        player.sent.push_back(to->put_async(&letter, step.payload ? wire_.bytes(step.bits) : wire_.notice_bytes()));
      }
      break;
    case Step::Kind::settle:
      settle(player);
      break;
    case Step::Kind::receive:
      if (for_free)
        whisper(step.peer, player.number).acquire();
      else
        await(player, step.peer);
      break;
  }
}

void CollectiveActors::await(Player& player, int peer) {
  if (const auto there = player.early.find(peer); there != player.early.end() && there->second > 0) {
    --there->second;
    return;
  }
  for (int from = take(player); from != peer; from = take(player)) ++player.early[from];
}

// The next message, whoever sent it.
int CollectiveActors::take(Player& player) {
  const Letter* letter = player.inbox->get<Letter>();
  if (timeline_)
    timeline_->carried(players_[static_cast<std::size_t>(letter->from)].host, player.host, letter->sent,
                       sg::Engine::get_clock());
  return letter->from;
}

void CollectiveActors::settle(Player& player) {
  for (const auto& comm : player.sent) comm->wait();
  player.sent.clear();
}

// Of a silent worker, "skip_notice": false says, the server knows without a message: so does whoever stands in its
// place.
sg::Semaphore& CollectiveActors::whisper(int from, int to) {
  auto& semaphore = whispers_[{from, to}];
  if (!semaphore) semaphore = sg::Semaphore::create(0);
  return *semaphore;
}

}  // namespace laconic::network
