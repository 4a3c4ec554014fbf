#include "sim/network/simulated/collective_round.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

CollectiveRound::CollectiveRound(const Deployment& hosts, const Collective& collective, const ClusterPlan& cluster,
                                 Timeline* timeline)
    : RoundActors(timeline), hosts_(hosts), collective_(collective), wire_(cluster.wire) {
  if (cluster.connections) connections_ = cluster.connections->rules;
  const std::size_t M = hosts.workers.size();
  members_.resize(M + 1);
  for (std::size_t i = 0; i <= M; ++i) {
    const std::string name = i < M ? "worker-" + std::to_string(i) : "server";
    Member& member = members_[i];
    member.number = static_cast<int>(i);
    member.host = i < M ? hosts.workers[i] : hosts.server;
    member.inbox = sg::Mailbox::by_name(name);
    member.start = sg::Semaphore::create(0);
    if (i == M) continue;
    sg::add_actor(
        name, member.host,
        [this, &member] {
          member.inbox->set_receiver(sg::Actor::self());  // messages flow as soon as they are sent
          for (;;) {
            member.start->acquire();
            run_program(member);
            if (--running_ == 0) bell_->release();
          }
        },
        true);
  }
}

void CollectiveRound::run(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  const Script script = collective_.script(plan, order_bits);
  plan_ = &plan;
  running_ = members_.size() - 1;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i].program = &script.programs[i];
    members_[i].messages.clear();
  }
  for (std::size_t i = 0; i + 1 < members_.size(); ++i) members_[i].start->release();
  members_.back().inbox->set_receiver(sg::Actor::self());
  run_program(members_.back());
  bell_->acquire();
}

void CollectiveRound::run_program(Member& member) {
  member.compute_seconds = 0;
  for (const Step& step : *member.program) run_step(member, step);
  wait_for_arrivals(member);
}

void CollectiveRound::run_step(Member& member, const Step& step) {
  const auto bytes = wire_.message_bytes(step.payload_bits());
  switch (step.kind) {
    case Step::Kind::compute:
      compute(member, step.flops);
      break;
    case Step::Kind::begin_computing:
      begin_computing(member, step.flops);
      break;
    case Step::Kind::wait_for_bucket:
      member.bucket->acquire();
      break;
    case Step::Kind::send:
      if (bytes) {
        send(member, step.peer, *bytes);
      } else {
        free_notice(member.number, step.peer).release();
      }
      break;
    case Step::Kind::wait_for_arrivals:
      wait_for_arrivals(member);
      break;
    case Step::Kind::receive:
      if (bytes)
        receive_from(member, step.peer);
      else
        free_notice(step.peer, member.number).acquire();
      break;
  }
}

// What waits for its connection has an actor of its own, so that its sender may go on.
void CollectiveRound::send(Member& member, int peer, std::uint64_t bytes) {
  sg::Mailbox* to = members_[static_cast<std::size_t>(peer)].inbox;
  Message& message = member.messages.emplace_back(Message{member.number, now()});
  const double wait = connections_ ? wait_for_connection(member.number, peer, bytes) : 0;
  if (wait <= 0) {
    member.sent.push_back(to->put_async(&message, stretched_bytes(bytes)));
    return;
  }
  ++member.waiting;
  sg::add_actor(
      "waiting", member.host,
      [&member, &message, to, bytes, wait] {
        rest_for(wait);
        to->put(&message, stretched_bytes(bytes));
        member.delivered->release();
      },
      false);
}

double CollectiveRound::wait_for_connection(int from, int to, std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  const auto found = lines_.find({from, to});
  Line& line =
      found != lines_.end() ? found->second : lines_.emplace(std::pair(from, to), line_between(from, to)).first->second;
  const double date = now();
  double wait = line.connection.send(*connections_, line.way, size, date).wait;
  if (connections_->store_and_forward) wait += std::min(size, connections_->segment()) * line.other_hops;
  wait = std::max(wait, line.free - date);
  line.free = date + wait;
  return wait;
}

CollectiveRound::Line CollectiveRound::line_between(int from, int to) const {
  std::vector<sg::Link*> links;
  Line line{Connection(*connections_), {0, std::numeric_limits<double>::infinity(), 0}, 0};
  members_[static_cast<std::size_t>(from)].host->route_to(members_[static_cast<std::size_t>(to)].host, links,
                                                          &line.way.latency);
  line.way.latency /= stretch();
  const auto air = [&](int member) {
    const auto m = static_cast<std::size_t>(member);
    return m < hosts_.air_rates.size() ? hosts_.air_rates[m] : std::numeric_limits<double>::infinity();
  };
  for (const auto* link : links) {
    const double rate = sg::is_air(*link) ? std::min(air(from), air(to)) : link->get_bandwidth();
    line.other_hops += 1 / std::max(rate, line.way.rate);
    line.way.rate = std::min(rate, line.way.rate);
  }
  line.way.share = line.way.rate;
  return line;
}

void CollectiveRound::compute(Member& member, double flops) {
  const double start = now();
  execute(flops);
  const double end = now();
  member.compute_seconds += end - start;
  computed(member.host, start, end);
}

// An actor of its own computes, so that the member may communicate meanwhile.
void CollectiveRound::begin_computing(Member& member, double flops) {
  sg::add_actor(
      "computing", member.host,
      [this, &member, flops] {
        const double start = now();
        double passed = 0;
        for (const auto& bucket : plan_->buckets) {
          if (bucket.ready > passed) execute((bucket.ready - passed) * flops);
          passed = bucket.ready;
          if (&bucket == &plan_->buckets.back()) {
            member.compute_seconds += now() - start;
            computed(member.host, start, now());
          }
          member.bucket->release();
        }
      },
      false);
}

void CollectiveRound::receive_from(Member& member, int peer) {
  if (const auto there = member.early.find(peer); there != member.early.end() && there->second > 0) {
    --there->second;
    return;
  }
  for (int from = receive_next(member); from != peer; from = receive_next(member)) ++member.early[from];
}

// Takes the next message, whoever sent it, and says who did.
int CollectiveRound::receive_next(Member& member) {
  const Message* message = member.inbox->get<Message>();
  if (connections_) {
    Line& line = lines_.at({message->from, member.number});
    line.connection.sent(now() - line.way.latency);
  }
  carried(members_[static_cast<std::size_t>(message->from)].host, member.host, message->sent, now());
  return message->from;
}

void CollectiveRound::wait_for_arrivals(Member& member) {
  for (const auto& comm : member.sent) comm->wait();
  member.sent.clear();
  for (; member.waiting > 0; --member.waiting) member.delivered->acquire();
}

// Under "skip_notice": false the server knows of a silent worker without a message, and so does whoever stands in the
// server's place.
sg::Semaphore& CollectiveRound::free_notice(int from, int to) {
  auto& semaphore = free_notices_[{from, to}];
  if (!semaphore) semaphore = sg::Semaphore::create(0);
  return *semaphore;
}

void CollectiveRound::meter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, EnergyMeter& energy) const {
  const Script script = collective_.script(plan, order_bits);
  for (std::size_t from = 0; from < script.programs.size(); ++from)
    for (const Step& step : script.programs[from]) {
      if (step.kind != Step::Kind::send) continue;
      if (const auto bytes = wire_.message_bytes(step.payload_bits()))
        energy.carried(members_[from].host, members_[static_cast<std::size_t>(step.peer)].host,
                       static_cast<double>(*bytes));
    }
}

}  // namespace laconic::network
