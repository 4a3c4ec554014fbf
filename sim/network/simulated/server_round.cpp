#include "sim/network/simulated/server_round.hpp"

#include <algorithm>
#include <string>

#include "sim/network/simulated/stretch.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

constexpr std::size_t most_guarded_workers = 1000;
// A helper is no daemon: one that ends before it is made one counts as one for ever, and SimGrid ends when only daemons
// are left.
constexpr bool no_daemon = false;
// SimGrid 3.32 keeps an actor's transfers in a list that it searches at each one's end: no actor starts many.
constexpr std::size_t orders_at_once = 64;
// Taking the first of the messages that have arrived in a mailbox moves up all others: no mailbox gets many.
constexpr std::size_t workers_of_inbox = 64;

}  // namespace

ServerRound::ServerRound(Simulation& simulation, const ClusterPlan& cluster, Timeline* timeline)
    : simulation_(simulation),
      wire_(cluster.wire),
      timeline_(timeline),
      workers_(simulation.hosts().workers.size()),
      stacks_(workers_.size() > most_guarded_workers) {
  if (cluster.connections) {
    to_workers_.emplace(cluster.connections->rules, cluster.connections->down);
    to_server_.emplace(cluster.connections->rules, cluster.connections->up);
  }
  stacks_.of_workers();
  for (std::size_t m = 0; m < workers_.size(); ++m) {
    const std::string name = "worker-" + std::to_string(m);
    Worker& worker = workers_[m];
    worker.host = simulation.hosts().workers[m];
    worker.inbox = sg::Mailbox::by_name(name);
    worker.server_inbox = m / workers_of_inbox;
    if (m % workers_of_inbox == 0)
      server_inboxes_.push_back({sg::Mailbox::by_name("server-" + std::to_string(server_inboxes_.size()))});
    sg::add_actor(
        name, worker.host, [this, &worker] { serve_orders(worker); }, true);
  }
  stacks_.of_server();
}

void ServerRound::open() {
  stacks_.of_helpers();
  for (auto& inbox : server_inboxes_) inbox.box->set_receiver(sg::Actor::self());
}

void ServerRound::run(const RoundPlan& plan, std::optional<std::uint64_t> order_bits) {
  compute(simulation_.hosts().server, plan.server_flops);
  if (plan.shares.empty()) return;
  const double start = now();
  pending_ = plan.shares.size();
  for (const auto& share : plan.shares) {
    Worker& worker = workers_[static_cast<std::size_t>(share.m)];
    worker.order = {share.flops, share.upload_bits, start};
  }
  if (to_server_) expect_uploads(plan.shares);
  for (const auto& share : plan.shares) {
    Worker& worker = workers_[static_cast<std::size_t>(share.m)];
    if (!order_bits)  // A worker that knows theta^0 starts by itself.
      sg::add_actor(
          "first-round", worker.host, [this, &worker] { answer(worker); }, no_daemon);
  }
  if (order_bits && to_workers_) write_orders(plan.shares, *order_bits);
  if (order_bits) send_orders(to_workers_ ? Shares(order_) : plan.shares, *order_bits);
  bell_->acquire();
  for (const auto& comm : sent_) comm->wait();
  sent_.clear();
  for (auto& inbox : server_inboxes_)
    for (; inbox.arrived > 0; --inbox.arrived) inbox.box->get<Order>();
}

void ServerRound::send_orders(Shares shares, std::uint64_t bits) {
  if (shares.size() <= orders_at_once) return put_orders(shares, bits, sent_);
  for (std::size_t i = 0; i < shares.size(); i += orders_at_once)
    sg::add_actor(
        "orders", simulation_.hosts().server,
        [this, bits, some = shares.subspan(i, std::min(orders_at_once, shares.size() - i))] {
          std::vector<sg::CommPtr> sent;
          put_orders(some, bits, sent);
          for (const auto& comm : sent) comm->wait();
        },
        no_daemon);
}

void ServerRound::put_orders(Shares shares, std::uint64_t bits, std::vector<sg::CommPtr>& sent) {
  for (const auto& share : shares) {
    Worker& worker = workers_[static_cast<std::size_t>(share.m)];
    if (to_workers_ && worker.leaves > now()) rest_until(worker.leaves);
    sent.push_back(worker.inbox->put_async(&worker.order, stretched_bytes(wire_.bytes(bits))));
  }
}

// Orders wait for their connections, and so each other's turn.
void ServerRound::write_orders(Shares shares, std::uint64_t bits) {
  messages_.clear();
  for (const auto& share : shares) messages_.push_back({share.m, static_cast<double>(wire_.bytes(bits))});
  waits_.resize(messages_.size());
  const double date = now();
  to_workers_->broadcast(messages_, date, waits_);
  for (std::size_t i = 0; i < shares.size(); ++i)
    workers_[static_cast<std::size_t>(shares[i].m)].leaves = date + waits_[i];
  order_.assign(shares.begin(), shares.end());
  std::stable_sort(order_.begin(), order_.end(), [&](const auto& a, const auto& b) {
    return workers_[static_cast<std::size_t>(a.m)].leaves < workers_[static_cast<std::size_t>(b.m)].leaves;
  });
}

void ServerRound::expect_uploads(Shares shares) {
  messages_.clear();
  for (const auto& share : shares)
    if (const auto bytes = wire_.message_bytes(share.upload_bits))
      messages_.push_back({share.m, static_cast<double>(*bytes)});
  to_server_->expect(messages_);
}

void ServerRound::serve_orders(Worker& worker) {
  worker.inbox->set_receiver(sg::Actor::self());
  for (;;) {
    const double sent = worker.inbox->get<Order>()->sent;
    if (to_workers_) to_workers_->arrived(number(worker), now());
    if (timeline_) timeline_->carried(simulation_.hosts().server, worker.host, sent, now());
    answer(worker);
  }
}

void ServerRound::answer(Worker& worker) {
  const double start = now();
  compute(worker.host, worker.order.flops);
  const double computed = now();
  worker.compute_seconds = computed - start;
  if (const auto bytes = wire_.message_bytes(worker.order.upload_bits)) {
    Inbox& inbox = server_inboxes_[worker.server_inbox];
    if (to_server_) {
      const double wait = to_server_->send({number(worker), static_cast<double>(*bytes)}, computed);
      if (wait > 0) rest_for(wait);
    }
    inbox.box->put(&worker.order, stretched_bytes(*bytes));  // returns on arrival
    ++inbox.arrived;
    if (to_server_) to_server_->arrived(number(worker), now());
    if (timeline_) timeline_->carried(worker.host, simulation_.hosts().server, computed, now());
  }
  if (--pending_ == 0) bell_->release();
}

void ServerRound::compute(const sg::Host* host, double flops) {
  if (flops <= 0) return;
  const double start = now();
  execute(flops);
  if (timeline_) timeline_->computed(host, start, now());
}

void ServerRound::meter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, EnergyMeter& energy) const {
  const sg::Host* server = simulation_.hosts().server;
  for (const auto& share : plan.shares) {
    const sg::Host* worker = workers_[static_cast<std::size_t>(share.m)].host;
    if (order_bits) energy.carried(server, worker, static_cast<double>(wire_.bytes(*order_bits)));
    if (const auto bytes = wire_.message_bytes(share.upload_bits))
      energy.carried(worker, server, static_cast<double>(*bytes));
  }
}

}  // namespace laconic::network
