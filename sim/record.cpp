#include "sim/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <system_error>

#include "algorithms/core/error.hpp"

namespace laconic {

const char* const metric_names[metric_count] = {"loss", "loss_gap", "grad_norm", "accuracy"};
const char* const stop_names[6] = {"rounds", "sim_time", "upload_bits", "target", "diverged", "interrupted"};

bool RecordRules::needs(Metric metric) const {
  return metrics[static_cast<int>(metric)] ||
         std::any_of(watch.begin(), watch.end(), [&](const Target& t) { return t.metric == metric; });
}

Measures measure(const Problem& problem, const RecordRules& rules, const Vector& model, Crew& crew) {
  Measures out;
  Vector gradient;
  const double loss = problem.loss(model, rules.needs(Metric::grad_norm) ? &gradient : nullptr, crew);
  const auto set = [&](Metric metric, auto value) {
    if (rules.needs(metric)) out[static_cast<std::size_t>(metric)] = value();
  };
  out[static_cast<std::size_t>(Metric::loss)] = loss;
  set(Metric::loss_gap, [&] { return loss - problem.optimum.value(); });
  set(Metric::grad_norm, [&] { return gradient.norm(); });
  set(Metric::accuracy, [&] { return problem.accuracy(model); });
  return out;
}

Recorder::Recorder(const RecordRules& rules, std::string prefix, std::FILE* csv, std::function<Measures(Round)> measure)
    : rules_(rules),
      prefix_(std::move(prefix)),
      csv_(csv),
      measure_(std::move(measure)),
      reached_(rules.watch.size()) {}

bool Recorder::operator()(Round rounds, double sim_time_s, const Ledger& ledger) {
  bool last = true;
  if (interrupted())
    stop_ = Stop::interrupted;
  else if (rounds >= rules_.rounds)
    stop_ = Stop::rounds;
  else if (rules_.sim_time && sim_time_s >= *rules_.sim_time)
    stop_ = Stop::sim_time;
  else if (rules_.upload_bits && static_cast<double>(ledger.upload_bits) >= *rules_.upload_bits)
    stop_ = Stop::upload_bits;
  else
    last = false;
  if (!last && rounds % rules_.every != 0) return true;

  last_ = {rounds, rounds * local_steps, sim_time_s, measure_(rounds), ledger};
  for (std::size_t i = 0; i < rules_.watch.size(); ++i) {
    const Target& target = rules_.watch[i];
    if (reached_[i] || !target.reached(*last_.metrics[static_cast<std::size_t>(target.metric)])) continue;
    reached_[i] = last_;
    if (std::find(rules_.stop_at.begin(), rules_.stop_at.end(), target) != rules_.stop_at.end()) {
      stop_ = Stop::target;
      last = true;
    }
  }
  if (!std::isfinite(*last_.metrics[0])) {
    stop_ = Stop::diverged;
    last = true;
  }
  for (int i = 0; i < metric_count; ++i)
    if (!rules_.needs(static_cast<Metric>(i))) last_.metrics[static_cast<std::size_t>(i)].reset();
  const std::string line = prefix_ + row_text(last_) + '\n';
  if (std::fwrite(line.data(), 1, line.size(), csv_) != line.size() || (last && std::fflush(csv_) != 0))
    throw RunError(fmt::format("cannot write the trajectory: {}", std::strerror(errno)));
  return !last;
}

std::string row_header() {
  return "round,iterations,sim_time_s,loss,loss_gap,grad_norm,accuracy,uploads,downloads,upload_bits,download_bits,"
         "wire_bytes_up,wire_bytes_down,compute_s,flops,late,lost,energy_j";
}

std::string row_text(const Row& row) {
  const Ledger& l = row.ledger;
  std::string out = fmt::format("{},{},", row.round, row.iterations);
  if (row.sim_time_s >= 0) out += fmt::format("{:.17g}", row.sim_time_s);
  for (const auto& metric : row.metrics) out += metric ? fmt::format(",{:.17g}", *metric) : ",";
  out += fmt::format(",{},{},{},{},{},{},", l.uploads, l.downloads, l.upload_bits, l.download_bits, l.wire_bytes_up,
                     l.wire_bytes_down);
  if (row.sim_time_s >= 0) out += fmt::format("{:.17g}", l.compute_s);
  out += fmt::format(",{:.17g}", l.flops);
  for (const auto& count : {l.late, l.lost}) out += count ? fmt::format(",{}", *count) : ",";
  return out + (l.energy_j ? fmt::format(",{:.17g}", *l.energy_j) : ",");
}

std::string summary_header(const std::vector<Target>& watch) {
  std::string out = "stopped_by";
  for (const auto& target : watch) {
    const std::string name = fmt::format("to_{}_{:g}", metric_names[static_cast<int>(target.metric)], target.value);
    for (const char* column : {"round", "uploads", "upload_bits", "sim_time_s"})
      out += fmt::format(",{}_{}", name, column);
  }
  return out;
}

std::string summary_text(Stop stop, const std::vector<std::optional<Row>>& reached) {
  std::string out = stop_names[static_cast<int>(stop)];
  for (const auto& row : reached) {
    if (!row) {
      out += ",,,,";
      continue;
    }
    out += fmt::format(",{},{},{},", row->round, row->ledger.uploads, row->ledger.upload_bits);
    if (row->sim_time_s >= 0) out += fmt::format("{:.17g}", row->sim_time_s);
  }
  return out;
}

ResultFile::ResultFile(std::filesystem::path path)
    : path_(std::move(path)), partial_(path_.string() + ".partial"), file_(std::fopen(partial_.c_str(), "wb")) {
  if (!file_) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

ResultFile::~ResultFile() {
  if (!file_) return;
  std::fclose(file_);
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void ResultFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
    throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

void ResultFile::commit() {
  const int failed = std::fclose(std::exchange(file_, nullptr));
  if (failed) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
  std::error_code error;
  std::filesystem::rename(partial_, path_, error);
  if (error) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), error.message()));
}

}  // namespace laconic
