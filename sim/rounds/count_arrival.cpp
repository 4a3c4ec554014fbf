#include "sim/rounds/count_arrival.hpp"

#include <algorithm>

namespace laconic::rounds {

bool count_arrival(AsynchronousMethod& method, const HeardUpload& heard, const WireRules& wire, Round& steps,
                   Ledger& ledger) {
  const auto& share = method.shares[static_cast<std::size_t>(heard.m)];
  const auto messages = static_cast<std::uint64_t>(share.messages);
  ledger.flops += heard.flops;
  ledger.compute_s += heard.seconds;
  for (Round i = 0; i < share.messages; ++i)
    ledger.upload(heard.upload ? std::optional(heard.upload->bits / messages) : std::nullopt, wire);
  ledger.iterations = (steps += share.steps) / static_cast<Round>(method.workers.size());
  const auto taken = method.server->take(heard.m, heard.upload);
  if (!heard.upload) return true;
  if (!taken.counts) {
    ++*ledger.late;
    return false;
  }
  const auto tau = static_cast<std::uint64_t>(taken.staleness);
  ++ledger.staleness->uploads;
  ledger.staleness->sum += tau;
  ledger.staleness->latest = std::max(ledger.staleness->latest, tau);
  return true;
}

}  // namespace laconic::rounds
