#include "sim/run/gathered.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "algorithms/base/error.hpp"
#include "algorithms/base/json_text.hpp"
#include "algorithms/base/text.hpp"

namespace laconic::run {

using namespace network;
using namespace results;
using namespace scenario;

namespace {

// A file that is read from its beginning to its end, and whose room on the disk can be given back on the way.
class Source {
 public:
  explicit Source(const TemporaryFile& file)
      : name_(file.path().string()), descriptor_(open(name_.c_str(), O_RDWR | O_CLOEXEC)) {
    if (descriptor_ < 0) fail();
  }
  ~Source() { close(descriptor_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Returns false at the end.
  bool read_more(std::string& to) {
    char bytes[1 << 18];
    ssize_t n = 0;
    while ((n = pread(descriptor_, bytes, sizeof bytes, at_)) < 0 && errno == EINTR) {
    }
    if (n < 0) fail();
    to.append(bytes, static_cast<std::size_t>(n));
    at_ += n;
    return n > 0;
  }
  // Where a file system cannot, nothing is given back.
  void give_back() const { fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, at_); }

 private:
  [[noreturn]] void fail() const { throw RunError(fmt::format("{}: cannot read: {}", name_, std::strerror(errno))); }
  std::string name_;
  int descriptor_;
  off_t at_ = 0;
};

template <class File>
void write(File& to, std::string_view text, const Source& from) {
  try {
    to.write(text);
    to.flush();
  } catch (const RunError&) {  // a full disk has room again once what was read is gone
    from.give_back();
    to.flush();
  }
}

std::string summary_csv(const Scenario& s, const std::vector<Child>& children) {
  std::string out = fmt::format("{},{}\n", trajectory_header(), summary_header(s.record.watch));
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!children[i].result) continue;
    const JobResult& r = *children[i].result;
    out += fmt::format("{},{},{},{},{}\n", csv_field(s.name), csv_field(s.algorithms[i].label), s.seed,
                       row_text(r.last), summary_text(r.stop, r.reached));
  }
  return out;
}

// More than the numbers of a row take.
constexpr std::size_t row_bytes = 500;

}  // namespace

std::string trajectory_header() { return "scenario,algorithm,seed," + row_header(); }

Gathered::Gathered(const Scenario& s, const std::filesystem::path& folder, const RunOptions& options,
                   const std::string& more_columns)
    : scenario_(s),
      trajectory_(folder, "trajectory", s.record.format),
      summary_(folder, "summary", TableFormat::csv),
      provenance_(folder / "run.json"),
      trace_(folder / "run.trace") {
  // What says how the run ended must find room when the rows have filled the disk.
  summary_.reserve((s.algorithms.size() + 1) * (1 + s.record.watch.size()) * row_bytes);
  provenance_.reserve(2 * json_text(s.source, 2).size() + (s.algorithms.size() + s.problem.L_m.size()) * row_bytes +
                      4096);
  trajectory_.write(trajectory_header() + more_columns + '\n');
  trajectory_.flush();
  if (!options.timeline.empty()) timeline_.emplace(options.timeline);
}

template <class Work>
bool Gathered::attempt(const Work& work) {
  try {
    work();
    return true;
  } catch (const RunError& e) {
    troubles_.emplace_back(e.what());
    return false;
  }
}

// Whole lines alone: one that was killed may have left half a row.
void Gathered::add_rows(const Child& child) {
  std::string text;
  for (Source rows(*child.rows); rows.read_more(text);) {
    const auto whole = text.rfind('\n') + 1;
    write(trajectory_, std::string_view(text).substr(0, whole), rows);
    text.erase(0, whole);
  }
}

void Gathered::add_trace(const Child& child) {
  std::string text;
  for (Source section(*child.trace); section.read_more(text); text.clear()) write(trace_, text, section);
}

void Gathered::add(Child& child) {
  const std::string label = printable(scenario_.algorithms[next_++].label);
  if (child.rows && !rows_end_ && !attempt([&] { add_rows(child); })) {
    rows_end_ = true;
    attempt([&] { trajectory_.keep_whole_rows(); });
    troubles_.back() += fmt::format(": it ends within the rows of \"{}\"", label);
  }
  child.rows.reset();
  const std::size_t whole = trace_.size();
  if (child.trace && !trace_ends_ && !attempt([&] { add_trace(child); })) {
    trace_ends_ = true;
    attempt([&] { trace_.cut(whole); });
    troubles_.back() += fmt::format(": it ends before \"{}\"", label);
  }
  child.trace.reset();
  if (child.timeline && timeline_ && !attempt([&] {
        std::string text;
        for (Source events(*child.timeline); events.read_more(text); text.clear()) timeline_->write(text);
      }))
    timeline_.reset();
  child.timeline.reset();
}

void Gathered::finish(const std::vector<Child>& children, nlohmann::ordered_json told) {
  told["files"] = nlohmann::ordered_json::object();
  const auto promise = [&](TableFile& table) {
    table.commit();
    told["files"].update(table.told());
  };
  attempt([&] { promise(trajectory_); });
  attempt([&] {
    summary_.write(summary_csv(scenario_, children));
    promise(summary_);
  });
  attempt([&] { trace_.commit(); });
  if (timeline_) attempt([&] { timeline_->commit(); });
  attempt([&] {
    provenance_.write(json_text(told, 2) + "\n");
    provenance_.commit();
  });
}

std::string Gathered::told() const { return fmt::format("{}", fmt::join(troubles_, "; ")); }

}  // namespace laconic::run
