#include "sim/rounds/ledger.hpp"

namespace laconic::rounds {

void Ledger::round(const RoundPlan& plan, std::size_t workers, const WireRules& wire) {
  flops += plan.server_flops;
  for (const auto& share : plan.shares) {
    if (plan.broadcast_bits) download(*plan.broadcast_bits, wire);
    flops += share.flops;
    upload(share.upload_bits, wire);
  }
  if (plan.vote_bits)
    for (std::size_t m = 0; m < workers; ++m) download(*plan.vote_bits, wire);
}

void Ledger::waste(const Ledger& in_vain) {
  downloads += in_vain.downloads;
  download_bits += in_vain.download_bits;
  wire_bytes_down += in_vain.wire_bytes_down;
  flops += in_vain.flops;
}

void Bookkeeper::count(const RoundPlan& plan, Ledger& ledger) {
  if (!collective_) return ledger.round(plan, workers_, wire_);
  if (!(plan == last_)) {
    last_ = plan;
    messages_ = {};
    const Script script = collective_->script(plan, plan.broadcast_bits ? plan.broadcast_bits : plan.vote_bits);
    for (const auto& program : script.programs)
      for (const Step& step : program) {
        messages_.flops += step.flops;
        if (step.kind != Step::Kind::send) continue;
        if (step.up)
          messages_.upload(step.payload ? std::optional(step.bits) : std::nullopt, wire_);
        else if (step.payload)
          messages_.download(step.bits, wire_);
        else if (wire_.skip_notice)
          messages_.wire_bytes_down += wire_.notice_bytes();
      }
  }
  ledger.uploads += messages_.uploads;
  ledger.downloads += messages_.downloads;
  ledger.upload_bits += messages_.upload_bits;
  ledger.download_bits += messages_.download_bits;
  ledger.wire_bytes_up += messages_.wire_bytes_up;
  ledger.wire_bytes_down += messages_.wire_bytes_down;
  ledger.flops += messages_.flops;
}

}  // namespace laconic::rounds
