#include "sim/driver.hpp"

namespace laconic {

void run_lockstep(Method& method, const WireRules& wire, const AfterRound& after_round) {
  Ledger ledger;
  std::vector<const Message*> uploads(method.workers.size());
  constexpr double no_time = -1;
  if (!after_round(0, no_time, method.server->model(), ledger)) return;
  for (Round k = 0;; ++k) {
    const Message* broadcast = method.server->broadcast(k);
    ledger.flops += method.server->flops();
    const auto& participants = method.server->participants(k);
    for (int m : participants) {
      const auto w = static_cast<std::size_t>(m);
      if (broadcast) ledger.download(*broadcast, wire);
      uploads[w] = method.workers[w]->round(k, broadcast);
      ledger.flops += method.workers[w]->flops();
    }
    for (int m : participants) {
      const Message* message = uploads[static_cast<std::size_t>(m)];
      ledger.upload(message, wire);
      if (message) method.server->receive(m, *message);
    }
    method.server->finish_round(k);
    if (const Message* verdict = method.server->verdict(k)) {
      for (auto& worker : method.workers) {
        ledger.download(*verdict, wire);
        worker->close(k, *verdict);
      }
    }
    if (!after_round(k + 1, no_time, method.server->model(), ledger)) return;
  }
}

}  // namespace laconic
