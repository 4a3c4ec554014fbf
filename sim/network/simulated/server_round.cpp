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
    : RoundActors(timeline),
      simulation_(simulation),
      wire_(cluster.wire),
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
  plan_ = &plan;
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
    carried(simulation_.hosts().server, worker.host, sent, now());
    answer(worker);
  }
}

void ServerRound::answer(Worker& worker) {
  if (!plan_->buckets.empty() && worker.order.upload_bits) return answer_in_buckets(worker);
  const double start = now();
  compute(worker.host, worker.order.flops);
  worker.compute_seconds = now() - start;
  if (const auto bytes = wire_.message_bytes(worker.order.upload_bits)) upload(worker, *bytes);
  is_done();
}

// Each bucket has an actor that sends it, so that its worker may go on.
void ServerRound::answer_in_buckets(Worker& worker) {
  const double start = now();
  double passed = 0;
  worker.under_way = plan_->buckets.size();
  const RoundPlan::Share share{number(worker), worker.order.flops, worker.order.upload_bits};
  plan_->each_message(share, [&](double ready, const auto& bits) {
    if (const double flops = (ready - passed) * share.flops; flops > 0) execute(flops);
    passed = ready;
    sg::add_actor(
        "bucket", worker.host,
        [this, &worker, bytes = wire_.bytes(*bits)] {
          upload(worker, bytes);
          if (--worker.under_way == 0) is_done();
        },
        no_daemon);
  });
  worker.compute_seconds = now() - start;
  if (share.flops > 0) computed(worker.host, start, now());
}

// Returns when it is there.
void ServerRound::upload(Worker& worker, std::uint64_t bytes) {
  const double sent = now();
  Inbox& inbox = server_inboxes_[worker.server_inbox];
  if (to_server_) {
    const double wait = to_server_->send({number(worker), static_cast<double>(bytes)}, sent);
    if (wait > 0) rest_for(wait);
  }
  inbox.box->put(&worker.order, stretched_bytes(bytes));
  ++inbox.arrived;
  if (to_server_) to_server_->arrived(number(worker), now());
  carried(worker.host, simulation_.hosts().server, sent, now());
}

void ServerRound::compute(const sg::Host* host, double flops) {
  if (flops <= 0) return;
  const double start = now();
  execute(flops);
  computed(host, start, now());
}

void ServerRound::meter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits, EnergyMeter& energy) const {
  const sg::Host* server = simulation_.hosts().server;
  for (const auto& share : plan.shares) {
    const sg::Host* worker = workers_[static_cast<std::size_t>(share.m)].host;
    if (order_bits) energy.carried(server, worker, static_cast<double>(wire_.bytes(*order_bits)));
    plan.each_message(share, [&](double, const auto& bits) {
      if (const auto bytes = wire_.message_bytes(bits)) energy.carried(worker, server, static_cast<double>(*bytes));
    });
  }
}

}  // namespace laconic::network
