#include "sim/results/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "algorithms/base/error.hpp"
#include "sim/rounds/run_rounds.hpp"

// What rounds have in common is packed in columns, each kept once: who takes part, their flops, what they upload. A
// lazy method's rounds differ in the last alone, where a silent worker is one bit.

namespace laconic::results {

using namespace rounds;

namespace {

using Share = RoundPlan::Share;
using Shares = std::vector<Share>;

constexpr std::uint64_t most_workers = 1'000'000, most_whole = std::uint64_t{1} << 53;
constexpr std::size_t least_bytes_of_exchange = 14;  // a real, two sizes, four columns

// Calls visit(value, count) for runs of equal values.
template <class Value, class Visit>
void for_runs(const Shares& shares, const Value& value, const Visit& visit) {
  for (std::size_t i = 0, end; i < shares.size(); i = end) {
    for (end = i + 1; end < shares.size() && value(end) == value(i);) ++end;
    visit(i, end - i);
  }
}

std::string packed_participants(const Shares& shares) {
  ByteWriter out;
  out.number(shares.size());
  int next = 0;
  const auto gap = [&](std::size_t i) { return shares[i].m - static_cast<int>(i); };  // constant among neighbours
  for_runs(shares, gap, [&](std::size_t i, std::size_t count) {
    out.number(static_cast<std::uint64_t>(shares[i].m - next));
    out.number(count);
    next = shares[i].m + static_cast<int>(count);
  });
  return out.take();
}

void read_participants(std::string_view column, Shares& shares) {
  ByteReader in(column);
  shares.resize(in.number(most_workers));
  std::uint64_t m = 0;
  for (std::size_t i = 0; i < shares.size();) {
    const std::uint64_t gap = in.number(most_workers), run = in.number(most_workers);
    if (run == 0 || m + gap + run > most_workers) throw std::out_of_range("more workers than there can be");
    m += gap;
    for (std::uint64_t j = 0; j < run; ++j) shares.at(i++).m = static_cast<int>(m++);
  }
}

std::string packed_flops(const Shares& shares) {
  ByteWriter out;
  for_runs(
      shares, [&](std::size_t i) { return shares[i].flops; },
      [&](std::size_t i, std::size_t count) {
        out.real(shares[i].flops);
        out.number(count);
      });
  return out.take();
}

void read_flops(std::string_view column, Shares& shares) {
  ByteReader in(column);
  for (std::size_t i = 0; i < shares.size();) {
    const double flops = in.real();
    for (auto count = in.number(); count > 0; --count) shares.at(i++).flops = flops;
  }
}

// One bit each, whether they upload, and then runs of equal sizes among those who do.
std::string packed_uploads(const Shares& shares) {
  ByteWriter out;
  for (std::size_t i = 0; i < shares.size(); i += 7) {  // a byte below 128 each
    std::uint64_t bits = 0;
    for (std::size_t j = i; j < std::min(i + 7, shares.size()); ++j)
      bits |= static_cast<std::uint64_t>(shares[j].upload_bits.has_value()) << (j - i);
    out.number(bits);
  }
  std::uint64_t run = 0, value = 0;
  const auto end_run = [&] {
    if (run == 0) return;
    out.number(value);
    out.number(run);
  };
  for (const auto& share : shares) {
    if (!share.upload_bits) continue;
    if (run > 0 && *share.upload_bits == value) {
      ++run;
      continue;
    }
    end_run();
    value = *share.upload_bits;
    run = 1;
  }
  end_run();
  return out.take();
}

void read_uploads(std::string_view column, Shares& shares) {
  ByteReader in(column);
  for (std::size_t i = 0; i < shares.size(); i += 7) {
    std::uint64_t bits = in.number();
    for (std::size_t j = i; j < std::min(i + 7, shares.size()); ++j, bits >>= 1)
      shares[j].upload_bits = bits & 1 ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  std::uint64_t run = 0, value = 0;
  for (auto& share : shares) {
    if (!share.upload_bits) continue;
    if (run == 0) {
      value = in.number();
      run = in.number();
      if (run == 0) throw std::out_of_range("a run of nothing");
    }
    share.upload_bits = value;
    --run;
  }
}

// What adds up on its way, and the sizes of sums that grow.
std::string packed_sums(const RoundPlan& plan) {
  ByteWriter out;
  out.number(static_cast<std::uint64_t>(plan.sum.adds));
  out.number(static_cast<std::uint64_t>(plan.sum.d));
  for (const int n : {plan.sum.w, plan.sum.vectors, plan.sum.numbers}) out.number(static_cast<std::uint64_t>(n));
  out.number(plan.measured_in);
  out.number(plan.partial_bits.size());
  for (const auto bits : plan.partial_bits) out.number(bits);
  // What has no parts is packed as it was before there were any.
  for (const auto& part : plan.parts) {
    out.real(part.ready);
    for (const auto n : {static_cast<std::uint64_t>(part.first), static_cast<std::uint64_t>(part.length), part.bits})
      out.number(n);
  }
  return out.take();
}

void read_sums(std::string_view column, RoundPlan& plan) {
  ByteReader in(column);
  plan.sum.adds = static_cast<Adds>(in.number(static_cast<std::uint64_t>(Adds::drawn)));
  plan.sum.d = static_cast<Index>(in.number(most_whole));
  for (int* n : {&plan.sum.w, &plan.sum.vectors, &plan.sum.numbers})
    *n = static_cast<int>(in.number(std::numeric_limits<int>::max()));
  plan.measured_in = in.number();
  plan.partial_bits.resize(in.count(1));
  for (auto& bits : plan.partial_bits) bits = in.number();
  for (plan.parts.clear(); !in.at_end();) {
    UploadPart& part = plan.parts.emplace_back();
    part.ready = in.real();
    part.first = static_cast<Index>(in.number(most_whole));
    part.length = static_cast<Index>(in.number(most_whole));
    part.bits = in.number(most_whole);
  }
}

void pack(ByteWriter& out, const std::optional<std::uint64_t>& bits) { out.number(bits ? *bits + 1 : 0); }

std::optional<std::uint64_t> read_bits(ByteReader& in) {
  const std::uint64_t n = in.number();
  return n > 0 ? std::optional(n - 1) : std::nullopt;
}

void pack(ByteWriter& out, const Dictionary& dictionary) {
  out.number(dictionary.size());
  for (std::uint32_t id = 0; id < dictionary.size(); ++id) out.text(dictionary[id]);
}

void unpack(ByteReader& in, Dictionary& dictionary) {
  for (auto count = in.count(1); count > 0; --count) dictionary.add(std::string(in.text()));
}

}  // namespace

std::uint32_t Dictionary::add(std::string text) {
  const auto [place, fresh] = ids_.try_emplace(std::move(text), static_cast<std::uint32_t>(texts_.size()));
  if (fresh) texts_.push_back(&place->first);
  return place->second;
}

void Trace::pack_exchange(ByteWriter& out, const RoundPlan& exchange) {
  out.real(exchange.server_flops);
  pack(out, exchange.broadcast_bits);
  pack(out, exchange.vote_bits);
  out.number(columns_.add(packed_participants(exchange.shares)));
  out.number(columns_.add(packed_flops(exchange.shares)));
  out.number(columns_.add(packed_uploads(exchange.shares)));
  out.number(columns_.add(packed_sums(exchange)));
}

// Further exchanges follow the first, if there are any.
void Trace::add_round(const RoundPlan& plan) {
  ByteWriter out;
  pack_exchange(out, plan);
  if (!plan.more.empty()) out.number(plan.more.size());
  for (const RoundPlan& exchange : plan.more) pack_exchange(out, exchange);
  order_.push_back(plans_.add(out.take()));
}

void Trace::read_exchange(ByteReader& in, RoundPlan& exchange) const {
  exchange.server_flops = in.real();
  exchange.broadcast_bits = read_bits(in);
  exchange.vote_bits = read_bits(in);
  const auto column = [&]() -> const std::string& { return columns_[static_cast<std::uint32_t>(in.number())]; };
  read_participants(column(), exchange.shares);
  read_flops(column(), exchange.shares);
  read_uploads(column(), exchange.shares);
  read_sums(column(), exchange);
}

void Trace::read_round(Round k, RoundPlan& plan) const {
  if (k >= rounds())
    throw RunError(
        fmt::format("the record ends after {} rounds ({}), and here the run would go on: only a live run "
                    "knows how",
                    rounds(), stop_names[static_cast<int>(stop)]));
  read_plan(order_[static_cast<std::size_t>(k)], plan);
}

void Trace::read_plan(std::uint32_t id, RoundPlan& plan) const {
  ByteReader in(plans_[id]);
  read_exchange(in, plan);
  plan.more.resize(in.at_end() ? 0 : in.count(least_bytes_of_exchange));
  for (RoundPlan& exchange : plan.more) read_exchange(in, exchange);
  if (!in.at_end()) throw std::out_of_range("bytes beyond the end of a plan");
}

void Trace::add_row(Round rounds, const Measures& measures) {
  rows_.push_back(rounds);
  measures_.push_back(measures);
}

const Measures& Trace::measures(Round rounds) const {
  const auto found = std::lower_bound(rows_.begin(), rows_.end(), rounds);
  if (found == rows_.end() || *found != rounds)
    throw RunError(
        fmt::format("the model after {} rounds was not measured when the run was recorded: only a live run "
                    "knows its loss",
                    rounds));
  return measures_[static_cast<std::size_t>(found - rows_.begin())];
}

bool Trace::measured(Metric metric) const {
  return !measures_.empty() && measures_.front()[static_cast<std::size_t>(metric)].has_value();
}

std::string Trace::packed() const {
  ByteWriter out;
  out.number(static_cast<std::uint64_t>(local_steps));
  out.number(static_cast<std::uint64_t>(stop));
  pack(out, columns_);
  pack(out, plans_);
  out.number(order_.size());
  std::uint32_t fresh = 0;  // the next plan that has not been seen: the commonest, with the one before
  for (std::size_t k = 0; k < order_.size(); ++k) {
    const std::uint32_t id = order_[k];
    out.number(id == fresh ? 0 : k > 0 && id == order_[k - 1] ? 1 : id + 2);
    fresh += id == fresh;
  }
  out.number(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i)
    out.number(static_cast<std::uint64_t>(rows_[i] - (i ? rows_[i - 1] : 0)));
  for (std::size_t metric = 0; metric < metric_count; ++metric) {
    for (const auto& row : measures_) {
      out.number(row[metric].has_value());
      if (row[metric]) out.real(*row[metric]);
    }
  }
  // What has one model alone is packed as it was before there were others.
  if (!measures_.empty() && measures_.front().consensus)
    for (const auto& row : measures_) out.real(row.consensus.value());
  return out.take();
}

Trace Trace::unpacked(std::string_view bytes) {
  ByteReader in(bytes);
  Trace out;
  out.local_steps = static_cast<Round>(in.number(most_whole));
  out.stop = static_cast<Stop>(in.number(std::size(stop_names) - 1));
  unpack(in, out.columns_);
  unpack(in, out.plans_);
  out.order_.resize(in.count(1));
  std::uint32_t fresh = 0;
  for (std::size_t k = 0; k < out.order_.size(); ++k) {
    const std::uint64_t code = in.number();
    const std::uint64_t id = code == 0 ? fresh : code == 1 && k > 0 ? out.order_[k - 1] : code - 2;
    if (id >= out.plans_.size()) throw std::out_of_range("an unknown plan");
    out.order_[k] = static_cast<std::uint32_t>(id);
    fresh += id == fresh;
  }
  out.rows_.resize(in.count(1 + metric_count));
  std::uint64_t rounds = 0;
  for (Round& row : out.rows_) {
    rounds += in.number(most_whole);
    if (rounds > most_whole) throw std::out_of_range("a round beyond what can be");
    row = static_cast<Round>(rounds);
  }
  out.measures_.resize(out.rows_.size());
  for (std::size_t metric = 0; metric < metric_count; ++metric)
    for (auto& row : out.measures_)
      if (in.number()) row[metric] = in.real();
  if (!in.at_end())
    for (auto& row : out.measures_) row.consensus = in.real();
  if (!in.at_end()) throw std::out_of_range("bytes beyond the end");
  return out;
}

PlanRound rounds_of(const Trace& trace) {
  return [&trace, plan = RoundPlan()](Round k) mutable -> const RoundPlan& {
    trace.read_round(k, plan);
    return plan;
  };
}

}  // namespace laconic::results
