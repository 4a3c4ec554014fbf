#include "sim/sweep/sweep_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <sstream>
#include <unordered_map>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"
#include "sim/run/provenance.hpp"
#include "sim/scenario/read_algorithms.hpp"
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::sweep {

using namespace results;
using namespace network;
using namespace scenario;
using namespace run;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What does not fit counts as the most that does: these are estimates.
std::uint32_t clipped(const json& object, const char* key, std::uint32_t otherwise) {
  const json value = object.is_object() ? object.value(key, json()) : json();
  if (!value.is_number()) return otherwise;
  return static_cast<std::uint32_t>(std::clamp(value.get<double>(), 1.0, 4e9));
}

// "star" and "edge" are timed in closed form, unless something else has to be simulated.
bool surely_simulated(const json& at) {
  const json platform = at.value("platform", json::object()), network = at.value("network", json::object());
  const auto text = [](const json& object, const char* key) {
    const json value = object.is_object() ? object.value(key, json()) : json();
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  const std::string type = text(platform, "type");
  return (type != "star" && type != "edge" && type != "none") || text(network, "solver") == "simgrid" ||
         text(network, "model") == "tcp" || at.contains("collective");
}

}  // namespace

SweepPlan::SweepPlan(const json& source, const fs::path& file, std::vector<json> changes)
    : sweep_(source, file.string(), std::move(changes)),
      file_(file.string()),
      folder_(file.parent_path()),
      files_(folder_),
      algorithms_(source["algorithms"].size()) {
  std::unordered_map<std::string, std::size_t> known;
  std::set<std::string> seen;
  std::string always = version_line() + " pieces";
  for (const auto& pointer : sweep_.pointers()) always += ' ' + pointer;
  for (std::size_t n = 0; n < sweep_.size(); ++n) {
    const json at = sweep_.source(n);
    std::string data, network;
    for (const char* key : {"data", "problem"})
      if (at.contains(key)) data += files_.in(at[key]);
    PointFiles named;
    named.data = files_.taken();
    for (const auto& [key, block] : at.items())
      if (key != "data" && key != "problem") network += files_.in(block);
    named.network = files_.taken();
    named_.push_back(std::move(named));
    digests_.push_back(digest_of(always + json_text(at) + data + network));
    if (!seen.insert(digests_.back()).second)
      throw InputError(fmt::format("{}: /sweep: a value stands twice in a list: two points are the same", file_));
    const std::string learned = digest_of(always + json_text(learning_part(at)) + data + arrangement(at));
    const auto [place, fresh] = known.emplace(learned, groups_.size());
    if (fresh) groups_.push_back({learned, {}, false});
    groups_[place->second].points.push_back(n);
    groups_[place->second].live |= time_decides(at);
    RunSize size{clipped(at.value("stop", json()), "rounds", 1), clipped(at, "workers", 1), 0, surely_simulated(at)};
    for (std::size_t i = 0; i < algorithms_; ++i) {
      const json& entry = at["algorithms"][i];
      size.batch = clipped(entry, "batch", 0);
      sizes_.push_back(size);
      sizes_.back().simulated |= entry.contains("collective") || entry.value("late", json()).is_object();
    }
  }
}

std::string SweepPlan::columns() const {
  return fmt::format("{},scenario,algorithm,seed,{}", fmt::join(sweep_.pointers(), ","), row_header());
}

// The sizes of a tree's sums depend on where the platform's racks are.
std::string SweepPlan::arrangement(const json& at) const {
  if (!has_collective(at)) return "";
  try {
    const ClusterPlan cluster = read_cluster(at, file_, folder_);
    std::string out;
    for (std::size_t i = 0; i < algorithms_; ++i) {
      const AlgorithmEntry entry{"", "", fmt::format("/algorithms/{}", i), at["algorithms"][i]};
      if (const auto collective = cluster_of(entry, file_, cluster).collective)
        out += fmt::format(" {}", collective->arrangement);
    }
    return out;
  } catch (const InputError&) {
    return "";  // That point will say so itself.
  }
}

std::string SweepPlan::digest() const {
  Digest all;
  all.add(columns());
  for (const auto& digest : digests_) all.add(digest);
  return all.hex();
}

void SweepPlan::keep_in(const fs::path& folder, const ShardName& shard) {
  finished_folder_ = folder;
  fs::create_directories(folder);
  finished_ = std::make_unique<FinishedRuns>(folder, ".runs", shard);
  learned_ = std::make_unique<FinishedRuns>(folder, ".traces", shard);
  failed_ = std::make_unique<FinishedRuns>(folder, ".failed", shard);
  look(false);
}

void SweepPlan::look(bool all) {
  finished_->look(all);
  learned_->look(all);
  failed_->look(all);
  kept_ = known_ = 0;
  for (std::size_t i = 0; i < runs(); ++i) {
    if (!finished(run(i))) continue;
    ++known_;
    kept_ += share_.empty() || share_[i];
  }
}

void SweepPlan::begin() {
  for (auto* const kept : {&finished_, &learned_, &failed_}) (*kept)->begin();
}

void SweepPlan::end() {
  for (auto* const kept : {&finished_, &learned_, &failed_}) (*kept)->end();
}

// A network's file system keeps the names of files that are open.
void SweepPlan::remove_finished() {
  for (auto* const kept : {&finished_, &learned_, &failed_}) kept->reset();
  std::error_code ignored;
  fs::remove_all(finished_folder_, ignored);
}

void SweepPlan::check_data(std::size_t point) const { files_.check_same(named_[point].data); }
void SweepPlan::check_network(std::size_t point) const { files_.check_same(named_[point].network); }

std::string SweepPlan::name_of(const RunName& run) const {
  return fmt::format("{}-{}", digests_[run.point], run.algorithm);
}

std::optional<std::string> SweepPlan::learned(const SweepGroup& group, std::size_t algorithm) const {
  return learned_->read(fmt::format("{}-{}", group.digest, algorithm));
}

void SweepPlan::keep_learned(const SweepGroup& group, std::size_t algorithm, const std::string& section) const {
  learned_->add(fmt::format("{}-{}", group.digest, algorithm), section);
}

std::optional<std::string> SweepPlan::failure(const RunName& run) const {
  if (finished(run)) return {};
  return failed_->read(name_of(run));
}

void SweepPlan::keep_failure(const RunName& run, const std::string& why) const { failed_->add(name_of(run), why); }

bool SweepPlan::done(const SweepGroup& group) const {
  return std::all_of(group.points.begin(), group.points.end(), [&](std::size_t point) {
    for (std::size_t i = 0; i < algorithms_; ++i)
      if (!done(RunName{point, i})) return false;
    return true;
  });
}

bool SweepPlan::keep_run(const Scenario& s, const RunName& run,
                         const std::function<JobResult(std::FILE* rows, const std::string& columns)>& work) const {
  const std::string columns = sweep_.columns(run.point);
  // In memory: a file system takes its time over thousands of files that come and go.
  struct Text {
    char* data = nullptr;
    std::size_t size = 0;
    ~Text() { std::free(data); }
  } written;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> rows(open_memstream(&written.data, &written.size), &std::fclose);
  if (!rows) throw RunError(fmt::format("cannot keep rows in memory: {}", std::strerror(errno)));
  const JobResult result = work(rows.get(), columns);
  if (std::fclose(rows.release()) != 0)
    throw RunError(fmt::format("cannot keep rows in memory: {}", std::strerror(errno)));
  if (result.stop == Stop::interrupted) return false;
  const std::string line =
      fmt::format("{}{},{},{},{},{}\n", columns, csv_field(s.name), csv_field(s.algorithms[run.algorithm].label),
                  s.seed, row_text(result.last), summary_text(result.stop, result.reached));
  const TablePiece piece = piece_of({written.data, written.size}, s.record.format);
  const auto& [lines, bytes, crc] = piece.facts;
  finished_->add(name_of(run), fmt::format("{} {} {} {}\n{}{}", line.size(), lines, bytes, crc, line, piece.stored));
  return true;
}

bool SweepPlan::read_run(const RunName& run, std::string& summary, TablePiece& rows) const {
  const auto text = finished_->read(name_of(run));
  if (!text) return false;
  const auto start = text->find('\n') + 1;
  std::size_t size = 0;
  TableFacts& facts = rows.facts;
  std::istringstream(text->substr(0, start)) >> size >> facts.lines >> facts.bytes >> facts.crc;
  summary = text->substr(start, size);
  rows.stored = text->substr(start + size);
  return true;
}

}  // namespace laconic::sweep
