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
#include "sim/scenario/what_is_learned.hpp"

namespace laconic::sweep {

using namespace results;
using namespace scenario;
using namespace run;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
    if (fresh) groups_.push_back({learned, {}});
    groups_[place->second].points.push_back(n);
  }
}

std::string SweepPlan::columns() const {
  return fmt::format("{},scenario,algorithm,seed,{}", fmt::join(sweep_.pointers(), ","), row_header());
}

// The sizes of a tree's sums depend on where the platform's racks are.
std::string SweepPlan::arrangement(const json& at) const {
  if (!at.contains("collective")) return "";
  try {
    const auto collective = read_cluster(at, file_, folder_).collective;
    return collective ? fmt::format(" {}", collective->arrangement) : "";
  } catch (const InputError&) {
    return "";  // That point will say so itself.
  }
}

std::size_t SweepPlan::keep_in(const fs::path& folder) {
  finished_folder_ = folder;
  fs::create_directories(folder);
  finished_ = std::make_unique<FinishedRuns>(folder);
  kept_ = 0;
  for (std::size_t point = 0; point < sweep_.size(); ++point)
    for (std::size_t i = 0; i < algorithms_; ++i) kept_ += done(RunName{point, i});
  return kept_;
}

void SweepPlan::check_data(std::size_t point) const { files_.check_same(named_[point].data); }
void SweepPlan::check_network(std::size_t point) const { files_.check_same(named_[point].network); }

std::string SweepPlan::name_of(const RunName& run) const {
  return fmt::format("{}-{}", digests_[run.point], run.algorithm);
}

fs::path SweepPlan::trace(const SweepGroup& group, std::size_t algorithm) const {
  return finished_folder_ / fmt::format("{}-{}.trace", group.digest, algorithm);
}

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
