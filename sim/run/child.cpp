#include "sim/run/child.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>

#include "algorithms/base/error.hpp"
#include "sim/processes/interrupts.hpp"

namespace laconic::run {

using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File opened(const std::optional<TemporaryFile>& temporary) {
  File file(temporary ? std::fopen(temporary->path().c_str(), "we") : nullptr, &std::fclose);
  if (temporary && !file)
    throw RunError(fmt::format("{}: cannot write: {}", temporary->path().string(), std::strerror(errno)));
  return file;
}

void finish(std::FILE* file, const std::string& text, const char* what) {
  if (std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0 && !std::ferror(file))
    return;
  throw RunError(fmt::format("cannot write the {}: {}", what, std::strerror(errno)));
}

// What is complete of a run whose round takes too long to be waited for.
void save(const Unfinished& run, std::FILE* rows, std::FILE* trace, int pipe) {
  try {
    std::fflush(rows);
    if (run.section) finish(trace, run.section(), "trace");
    if (run.result) send_result(pipe, run.result());
  } catch (const std::exception& e) {
    send_error(pipe, e.what());
  }
}

void run_algorithm(const Scenario& s, const RunWork& work, std::size_t i, const Child& child, int pipe,
                   const RunOptions& options) {
  const File rows = opened(child.rows), trace = opened(child.trace), events = opened(child.timeline);
  std::optional<Timeline> timeline;
  if (events)
    timeline.emplace(events.get(), s.algorithms[i].label, static_cast<int>(i), options.timeline_first,
                     options.timeline_last);
  Unfinished unfinished;
  const auto report = [&](Round rounds, const Row& last) {
    const std::lock_guard alone(unfinished.mutex);
    send_progress(pipe, {rounds, last});
  };
  std::string section;
  std::optional<JobResult> result;
  {
    const Watch watch([&] {
      const std::lock_guard alone(unfinished.mutex);
      save(unfinished, rows.get(), trace.get(), pipe);
      _exit(0);  // before the lock is given back: the run must not go on
    });
    result = work.run(i, rows.get(), report, timeline ? &*timeline : nullptr, section, unfinished);
  }
  finish(rows.get(), "", "trajectory");
  finish(trace.get(), section, "trace");
  if (events) finish(events.get(), "", "timeline");
  send_result(pipe, *result);
}

// What the child does. Returns its exit code.
int run_child(const Scenario& s, const RunWork& work, std::size_t i, const Child& child, int pipe,
              const RunOptions& options) {
  constexpr int failed = 3;
  try {
    run_algorithm(s, work, i, child, pipe, options);
    return 0;
  } catch (const std::bad_alloc&) {
    send_error(pipe, out_of_memory());
  } catch (const std::exception& e) {
    send_error(pipe, e.what());
  }
  return failed;
}

}  // namespace

void start(Child& child, const Scenario& s, const RunWork& work, std::size_t i, const std::filesystem::path& folder,
           const RunOptions& options) {
  const auto make = [&](std::optional<TemporaryFile>& file, const char* name) {
    file.emplace(folder / fmt::format("{}-{}", name, i));
    file->close();
  };
  make(child.rows, "rows");
  make(child.trace, "trace");
  if (!options.timeline.empty()) make(child.timeline, "timeline");
  child.process = ChildProcess([&](int pipe) { return run_child(s, work, i, child, pipe, options); });
}

bool listen(Child& child, bool told) {
  child.ended = !child.process.read_some(child.said);
  while (auto frame = take_frame(child.said)) {
    switch (frame->kind) {
      case Frame::Kind::progress:
        child.state = progress_of(*frame);
        break;
      case Frame::Kind::result:
        child.result = result_of(*frame);
        break;
      case Frame::Kind::error:
        child.error = frame->payload;
        break;
    }
  }
  if (!child.ended) return false;
  const ProcessEnding ending = child.process.wait();
  const bool was_ended = told && (ending.well() || ending.signal > 0);
  if (!child.result && child.error.empty() && !was_ended)
    child.error = fmt::format("{}, {} or more rounds into the run", ending.sentence(), child.state.rounds);
  return true;
}

}  // namespace laconic::run
