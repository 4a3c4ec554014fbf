#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/trace.hpp"

// run.trace: what a run's algorithms learned, as their rounds' plans and metrics: a section an algorithm,
//
//   laconic trace 1 <bytes> <bytes before compression> <digest>\n<bytes>
//
// where 1 is the format's version, and the digest XXH3-128 over all the rest of the section.

namespace laconic::results {

struct RecordedRun {
  std::string label;
  std::string learned;  ///< digest of what it was learned from: learned_digest
  std::size_t workers = 0;
  Trace trace;
};

/// A section of a trace file.
std::string trace_section(const RecordedRun& run);

/// All sections. Throws InputError "<path>: ..." if it cannot be read, is none, or is damaged.
std::vector<RecordedRun> read_trace(const std::filesystem::path& path);
/// Those in a text, said to be of `where`.
std::vector<RecordedRun> trace_in(std::string_view text, const std::string& where);

}  // namespace laconic::results
