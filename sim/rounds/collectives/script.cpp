#include "sim/rounds/collectives/script.hpp"

#include <algorithm>
#include <iterator>

namespace laconic::rounds {

ScriptWriter::ScriptWriter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                           const std::vector<std::vector<Index>>* entries)
    : plan_(plan), order_bits_(order_bits), entries_(entries), workers_(static_cast<int>(plan.shares.size())) {
  script_.programs.resize(plan.shares.size() + 1);
  if (plan.server_flops > 0) program(server()).push_back({.kind = Step::Kind::compute, .flops = plan.server_flops});
  cut(1);
}

void ScriptWriter::cut(int chunks) {
  chunks_ = chunks;
  held_.assign(script_.programs.size() * static_cast<std::size_t>(chunks), {});
  for (int m = 0; m < workers_; ++m) {
    if (!plan_.shares[static_cast<std::size_t>(m)].upload_bits) continue;
    for (int c = 0; c < chunks; ++c) held(m, c) = {1, m, {}};
    if (!entries_) continue;
    int c = 0;
    for (const Index i : (*entries_)[static_cast<std::size_t>(m)]) {
      while (i >= start_of(c + 1)) ++c;
      held(m, c).entries.push_back(i);
    }
  }
}

void ScriptWriter::compute() {
  for (int m = 0; m < workers_; ++m)
    if (const double flops = plan_.shares[static_cast<std::size_t>(m)].flops; flops > 0)
      program(m).push_back({.kind = Step::Kind::compute, .flops = flops});
}

std::optional<std::uint64_t> ScriptWriter::bits_of_sum(const Partial& partial, int chunk) {
  if (partial.uploads == 0) return {};
  if (partial.uploads == 1 && chunks_ == 1) return plan_.shares[static_cast<std::size_t>(partial.last)].upload_bits;
  if (plan_.sum.grows() && !entries_) return plan_.partial_bits.at(next_++);
  const Index length = start_of(chunk + 1) - start_of(chunk);
  const auto bits = plan_.sum.bits(partial.uploads, length, static_cast<Index>(partial.entries.size()), chunk == 0);
  if (plan_.sum.grows()) found_.push_back(bits);
  return bits;
}

// Where there is a verdict, it goes back instead of the sum: a bit for each entry, and its numbers with the first
// chunk.
std::optional<std::uint64_t> ScriptWriter::bits_of_whole(const Partial& partial, int chunk) {
  if (!plan_.vote_bits) return bits_of_sum(partial, chunk);
  const auto length = static_cast<std::uint64_t>(start_of(chunk + 1) - start_of(chunk));
  return length + (chunk == 0 ? *plan_.vote_bits - static_cast<std::uint64_t>(plan_.sum.d) : 0);
}

// A message that everybody knows to be empty is not sent.
void ScriptWriter::send(const std::vector<Hop>& hops, const std::vector<std::optional<std::uint64_t>>& bits, bool up,
                        bool in_turn) {
  const auto each = [&](auto&& work) {
    for (std::size_t i = 0; i < hops.size(); ++i)
      if (bits[i] != std::optional<std::uint64_t>(0)) work(hops[i], bits[i]);
  };
  each([&](const Hop& hop, const auto& size) {
    program(hop.from).push_back({Step::Kind::send, size.has_value(), up, hop.to, size.value_or(0)});
  });
  each([&](const Hop& hop, const auto& size) {
    program(hop.to).push_back({Step::Kind::receive, size.has_value(), up, hop.from});
  });
  if (in_turn)
    each([&](const Hop& hop, const auto&) { program(hop.from).push_back({.kind = Step::Kind::wait_for_arrivals}); });
}

void ScriptWriter::pass_on(const std::vector<Hop>& hops, bool in_turn) {
  if (!order_bits_) return;
  send(hops, std::vector(hops.size(), order_bits_), false, in_turn);
}

void ScriptWriter::add_up(const std::vector<Hop>& hops) {
  std::vector<std::optional<std::uint64_t>> bits;
  for (const Hop& hop : hops) bits.push_back(bits_of_sum(held(hop.from, hop.chunk), hop.chunk));
  send(hops, bits, true, true);
  // Two hosts may exchange what they have: each sends what it had before.
  std::vector<Partial> sent;
  for (const Hop& hop : hops) sent.push_back(held(hop.from, hop.chunk));
  for (std::size_t i = 0; i < hops.size(); ++i) {
    Partial& own = held(hops[i].to, hops[i].chunk);
    std::vector<Index> entries;
    std::set_union(own.entries.begin(), own.entries.end(), sent[i].entries.begin(), sent[i].entries.end(),
                   std::back_inserter(entries));
    own = {own.uploads + sent[i].uploads, std::max(own.last, sent[i].last), std::move(entries)};
  }
}

void ScriptWriter::hand_back(const std::vector<Hop>& hops) {
  std::vector<std::optional<std::uint64_t>> bits;
  for (const Hop& hop : hops) bits.push_back(bits_of_whole(held(hop.from, hop.chunk), hop.chunk));
  send(hops, bits, false, true);
  std::vector<Partial> wholes;
  for (const Hop& hop : hops) wholes.push_back(held(hop.from, hop.chunk));
  for (std::size_t i = 0; i < hops.size(); ++i) held(hops[i].to, hops[i].chunk) = std::move(wholes[i]);
}

}  // namespace laconic::rounds
