#include "sim/rounds/collectives/script.hpp"

#include <algorithm>
#include <iterator>

namespace laconic::rounds {

ScriptWriter::ScriptWriter(const RoundPlan& plan, std::optional<std::uint64_t> order_bits,
                           const std::vector<std::vector<Index>>* entries)
    : plan_(plan),
      order_bits_(order_bits),
      entries_(entries),
      workers_(static_cast<int>(plan.shares.size())),
      first_(0),
      length_(plan.sum.d) {
  script_.programs.resize(plan.shares.size() + 1);
  if (plan.server_flops > 0) program(server()).push_back({.kind = Step::Kind::compute, .flops = plan.server_flops});
  begin_bucket(0);
}

void ScriptWriter::begin_bucket(std::size_t b) {
  bucket_ = b;
  if (!plan_.buckets.empty()) {
    first_ = plan_.buckets[b].first;
    length_ = plan_.buckets[b].length;
  }
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
  for (int m = 0; m < workers_; ++m) {
    const double flops = plan_.shares[static_cast<std::size_t>(m)].flops;
    if (flops <= 0) continue;
    const bool parts = !plan_.buckets.empty();
    if (bucket_ == 0)
      program(m).push_back({.kind = parts ? Step::Kind::begin_computing : Step::Kind::compute, .flops = flops});
    if (parts) program(m).push_back({.kind = Step::Kind::wait_for_bucket});
  }
}

std::optional<std::uint64_t> ScriptWriter::bits_of_upload(int m) const {
  const auto bits = plan_.shares[static_cast<std::size_t>(m)].upload_bits;
  return !bits || plan_.buckets.empty() ? bits : std::optional(plan_.bits_of_bucket(*bits, bucket_));
}

std::optional<std::uint64_t> ScriptWriter::bits_of_sum(const Hop& hop) {
  const Partial& partial = held(hop.from, hop.chunk);
  if (partial.uploads == 0) return {};
  if (partial.uploads == 1 && hop.chunks == chunks_) return bits_of_upload(partial.last);
  if (plan_.sum.grows() && !entries_) return plan_.partial_bits.at(next_++);
  Index filled = 0;
  for (int c = 0; c < hop.chunks; ++c) filled += static_cast<Index>(held(hop.from, hop.chunk + c).entries.size());
  const auto bits = plan_.sum.bits(partial.uploads, length_of(hop), filled, bucket_ == 0 && hop.chunk == 0);
  if (plan_.sum.grows()) found_.push_back(bits);
  return bits;
}

// Where there is a verdict, it goes back instead of the sum: a bit for each entry, and its numbers with the first
// chunk.
std::optional<std::uint64_t> ScriptWriter::bits_of_whole(const Hop& hop) {
  if (!plan_.vote_bits) return bits_of_sum(hop);
  return static_cast<std::uint64_t>(length_of(hop)) +
         (bucket_ == 0 && hop.chunk == 0 ? *plan_.vote_bits - static_cast<std::uint64_t>(plan_.sum.d) : 0);
}

// Where some of the workers are silent, a bit for each says who.
std::optional<std::uint64_t> ScriptWriter::bits_of_bundle(const Bundle& bundle) const {
  std::uint64_t bits = 0;
  int silent = 0;
  for (int i = 0; i < bundle.count; ++i) {
    const auto own = bits_of_upload((bundle.first + i) % workers_);
    silent += !own;
    bits += own.value_or(0);
  }
  if (silent == bundle.count) return {};
  return bits + (silent > 0 ? static_cast<std::uint64_t>(bundle.count) : 0);
}

// A message that everybody knows to be empty is not sent.
template <class Messages>
void ScriptWriter::send(const Messages& messages, const std::vector<std::optional<std::uint64_t>>& bits, bool up,
                        bool in_turn) {
  const auto each = [&](auto&& work) {
    for (std::size_t i = 0; i < messages.size(); ++i)
      if (bits[i] != std::optional<std::uint64_t>(0)) work(messages[i], bits[i]);
  };
  each([&](const auto& message, const auto& size) {
    program(message.from).push_back({Step::Kind::send, size.has_value(), up, message.to, size.value_or(0)});
  });
  each([&](const auto& message, const auto& size) {
    program(message.to).push_back({Step::Kind::receive, size.has_value(), up, message.from});
  });
  if (!in_turn) return;
  each([&](const auto& message, const auto&) {
    program(message.from).push_back({.kind = Step::Kind::wait_for_arrivals});
  });
}

void ScriptWriter::pass_on(const std::vector<Hop>& hops, bool in_turn) {
  if (!order_bits_ || bucket_ > 0) return;
  send(hops, std::vector(hops.size(), order_bits_), false, in_turn);
}

void ScriptWriter::add_up(const std::vector<Hop>& hops) {
  std::vector<std::optional<std::uint64_t>> bits;
  for (const Hop& hop : hops) bits.push_back(bits_of_sum(hop));
  send(hops, bits, true, true);
  // Two hosts may exchange what they have: each sends what it had before.
  std::vector<Partial> sent;
  for (const Hop& hop : hops)
    for (int c = 0; c < hop.chunks; ++c) sent.push_back(held(hop.from, hop.chunk + c));
  auto added = sent.begin();
  for (const Hop& hop : hops)
    for (int c = 0; c < hop.chunks; ++c, ++added) {
      Partial& own = held(hop.to, hop.chunk + c);
      std::vector<Index> entries;
      std::set_union(own.entries.begin(), own.entries.end(), added->entries.begin(), added->entries.end(),
                     std::back_inserter(entries));
      own = {own.uploads + added->uploads, std::max(own.last, added->last), std::move(entries)};
    }
}

void ScriptWriter::hand_back(const std::vector<Hop>& hops) {
  std::vector<std::optional<std::uint64_t>> bits;
  for (const Hop& hop : hops) bits.push_back(bits_of_whole(hop));
  send(hops, bits, false, true);
  std::vector<Partial> wholes;
  for (const Hop& hop : hops)
    for (int c = 0; c < hop.chunks; ++c) wholes.push_back(held(hop.from, hop.chunk + c));
  auto whole = wholes.begin();
  for (const Hop& hop : hops)
    for (int c = 0; c < hop.chunks; ++c) held(hop.to, hop.chunk + c) = std::move(*whole++);
}

void ScriptWriter::gather(const std::vector<Bundle>& bundles, bool up) {
  std::vector<std::optional<std::uint64_t>> bits;
  for (const Bundle& bundle : bundles) bits.push_back(bits_of_bundle(bundle));
  send(bundles, bits, up, true);
}

}  // namespace laconic::rounds
