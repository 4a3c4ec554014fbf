#include "sim/rounds/ledger.hpp"

namespace laconic::rounds {

void Ledger::round(const RoundPlan& plan, std::size_t workers, const WireRules& wire) {
  flops += plan.server_flops;
  for (const auto& share : plan.shares) {
    if (plan.broadcast_bits) download(*plan.broadcast_bits, wire);
    flops += share.flops;
    plan.each_message(share, [&](double, const auto& bits) { upload(bits, wire); });
  }
  if (plan.vote_bits)
    for (std::size_t m = 0; m < workers; ++m) download(*plan.vote_bits, wire);
  for (const RoundPlan& exchange : plan.more) round(exchange, workers, wire);
}

Ledger& Ledger::operator+=(const Ledger& more) {
  uploads += more.uploads;
  downloads += more.downloads;
  upload_bits += more.upload_bits;
  download_bits += more.download_bits;
  wire_bytes_up += more.wire_bytes_up;
  wire_bytes_down += more.wire_bytes_down;
  compute_s += more.compute_s;
  flops += more.flops;
  if (more.late) late = late.value_or(0) + *more.late;
  if (more.lost) lost = lost.value_or(0) + *more.lost;
  if (more.energy_j) energy_j = energy_j.value_or(0) + *more.energy_j;
  if (more.traffic) traffic = traffic.value_or(Traffic{}) += *more.traffic;
  return *this;
}

void Bookkeeper::count(const RoundPlan& plan, Ledger& ledger) {
  if (!collective_) return ledger.round(plan, workers_, wire_);
  if (!(plan == last_)) {
    last_ = plan;
    last_messages_ = {};
    count_hops(plan);
    for (const RoundPlan& exchange : plan.more) count_hops(exchange);
  }
  ledger += last_messages_;
}

void Bookkeeper::count_hops(const RoundPlan& exchange) {
  const Script script =
      collective_->script(exchange, exchange.broadcast_bits ? exchange.broadcast_bits : exchange.vote_bits);
  for (const auto& program : script.programs)
    for (const Step& step : program) {
      last_messages_.flops += step.flops;
      if (step.kind != Step::Kind::send) continue;
      if (step.up)
        last_messages_.upload(step.payload_bits(), wire_);
      else if (step.payload)
        last_messages_.download(step.bits, wire_);
      else if (wire_.skip_notice)
        last_messages_.wire_bytes_down += wire_.notice_bytes();
    }
}

}  // namespace laconic::rounds
