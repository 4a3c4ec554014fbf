#include "sim/deploy/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace laconic::deploy {

using namespace results;

namespace {

std::string host_name(int worker) { return worker < 0 ? "server" : fmt::format("worker-{}", worker); }

const char* direction(Record::What what) {
  return what == Record::What::down ? "down" : what == Record::What::up ? "up" : "peer";
}

}  // namespace

void Pauses::add(std::int64_t from_ns, std::int64_t to_ns) {
  const std::int64_t before = all_.empty() ? 0 : all_.back().before_ns + all_.back().end_ns - all_.back().start_ns;
  all_.push_back({from_ns, to_ns, before});
}

std::int64_t Pauses::before(std::int64_t ns) const {
  const auto later = std::upper_bound(all_.begin(), all_.end(), ns,
                                      [](std::int64_t at, const Pause& one) { return at < one.start_ns; });
  if (later == all_.begin()) return 0;
  const Pause& last = *(later - 1);
  return last.before_ns + std::min(ns, last.end_ns) - last.start_ns;
}

void Clocks::add(const Record& clock) {
  estimates_[static_cast<std::size_t>(clock.end_rank)].push_back({clock.start_ns, clock.end_ns, clock.flops});
}

std::int64_t Clocks::at_rank_0(int rank, std::int64_t ns) const {
  const auto& known = estimates_[static_cast<std::size_t>(rank)];
  if (known.empty()) return ns;
  // The estimates before and after; beyond the last, its offset.
  const auto after =
      std::find_if(known.begin(), known.end(), [&](const Estimate& one) { return one.at_ns + one.ahead_ns >= ns; });
  if (after == known.end()) return ns - known.back().ahead_ns;
  if (after == known.begin()) return ns - known.front().ahead_ns;
  const Estimate &a = *(after - 1), &b = *after;
  const double share =
      static_cast<double>(ns - a.at_ns - a.ahead_ns) / static_cast<double>(b.at_ns + b.ahead_ns - a.at_ns - a.ahead_ns);
  return ns - a.ahead_ns - static_cast<std::int64_t>(share * static_cast<double>(b.ahead_ns - a.ahead_ns));
}

ClockFit Clocks::fit(int rank) const {
  const auto& known = estimates_[static_cast<std::size_t>(rank)];
  if (known.empty()) return {};
  const Estimate &a = known.front(), &b = known.back();
  ClockFit out{1e-9 * static_cast<double>(a.ahead_ns), 0, std::max(a.uncertainty_s, b.uncertainty_s)};
  if (b.at_ns > a.at_ns)
    out.drift = static_cast<double>(b.ahead_ns - a.ahead_ns) / static_cast<double>(b.at_ns - a.at_ns);
  return out;
}

void for_records(const std::filesystem::path& file, const std::function<void(const Record&)>& take) {
  std::ifstream in(file, std::ios::binary);
  for (Record one; in.read(reinterpret_cast<char*>(&one), sizeof one);) take(one);
}

std::string log_header() { return "algorithm,seed,round,kind,from,to,direction,bits,bytes,flops,start_s,end_s\n"; }

void write_log(const std::filesystem::path& records, const Clocks& clocks, const std::string& prefix, TableFile& to) {
  Pauses pauses;
  std::int64_t zero = 0;
  for_records(records, [&](const Record& one) {
    if (one.what == Record::What::pause) pauses.add(one.start_ns, one.end_ns);
    if (one.what == Record::What::zero) zero = one.start_ns;
  });
  const auto seconds = [&](int rank, std::int64_t ns) {
    const std::int64_t here = clocks.at_rank_0(rank, ns);
    return 1e-9 * static_cast<double>(here - zero - pauses.before(here) + pauses.before(zero));
  };
  for_records(records, [&](const Record& one) {
    if (one.what > Record::What::compute) return;
    const double start = seconds(one.start_rank, one.start_ns), end = seconds(one.end_rank, one.end_ns);
    const std::string from = host_name(one.from), to_host = host_name(one.to);
    if (one.what == Record::What::compute)
      to.write(fmt::format("{}{},compute,{},{},,,,{:.17g},{:.9f},{:.9f}\n", prefix, one.round, from, to_host, one.flops,
                           start, end));
    else
      to.write(fmt::format("{}{},message,{},{},{},{},{},,{:.9f},{:.9f}\n", prefix, one.round, from, to_host,
                           direction(one.what), one.bits, one.bytes, start, end));
  });
}

}  // namespace laconic::deploy
