#include "sim/rounds/apart.hpp"

namespace laconic::rounds {

const RoundPlan& ServerApart::round(Round k) {
  const Message* model = server_.broadcast(k);
  counted_ = {};
  counted_.server_flops = server_.flops() + server_.decoding_flops();
  const std::vector<int> chosen = server_.participants(k);
  carrier_.computed(counted_.server_flops);
  if (model) carrier_.send(chosen, k, *model, false);
  if (!model && vote_) carrier_.send(chosen, k - 1, *vote_, false);
  if (model) counted_.broadcast_bits = model->bits;
  hear(chosen, k, counted_);
  while (const Message* more = server_.next_exchange(k)) {
    RoundPlan& exchange = counted_.more.emplace_back();
    exchange.broadcast_bits = more->bits;
    carrier_.send(chosen, k, *more, true);
    hear(chosen, k, exchange);
  }
  server_.finish_round(k);
  const Message* vote = server_.vote_down(k);
  vote_ = vote ? std::optional(*vote) : std::nullopt;
  if (vote) counted_.vote_bits = vote->bits;
  return counted_;
}

// The server takes what has come in the order of worker numbers, whatever order it came in.
void ServerApart::hear(const std::vector<int>& chosen, Round k, RoundPlan& counted) {
  const std::map<int, Carrier::Answer> answers = carrier_.hear(chosen);
  for (const auto& [m, answer] : answers)
    if (answer.upload) server_.receive(m, *answer.upload, k);
  for (const int m : chosen) {
    const Carrier::Answer& answer = answers.at(m);
    counted.shares.push_back({m, answer.flops, answer.upload ? std::optional(answer.upload->bits) : std::nullopt});
  }
}

std::optional<WorkerApart::Upload> WorkerApart::start() {
  if (!votes_go_down_) return {};
  return Upload{0, worker_->round(0, nullptr)};
}

WorkerApart::Upload WorkerApart::take(Round k, const Message& message, bool again) {
  if (again) return {k, worker_->answer(k, message)};
  if (!votes_go_down_) return {k, worker_->round(k, &message)};
  worker_->close(k, message);
  return {k + 1, worker_->round(k + 1, nullptr)};
}

}  // namespace laconic::rounds
