#include "tests/fuzz/targets.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "algorithms/base/error.hpp"
#include "algorithms/base/expression.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/data/readers/csv.hpp"
#include "algorithms/data/readers/idx.hpp"
#include "algorithms/data/readers/image.hpp"
#include "algorithms/data/readers/libsvm.hpp"
#include "platforms/network_model.hpp"
#include "platforms/quantity.hpp"
#include "platforms/topologies/platform_xml.hpp"
#include "platforms/topologies/site_file.hpp"
#include "sim/network/time_profile.hpp"
#include "sim/results/read_trajectory.hpp"
#include "sim/results/trace_file.hpp"
#include "sim/scenario/json_input.hpp"
#include "tests/rooms.hpp"

namespace laconic::tests {

namespace {

namespace fs = std::filesystem;

// In memory where there is such a place: a disk would be most of a fuzzer's time. Removed at the end, unless the
// process crashes.
struct OwnFolder {
  fs::path path = (fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
                  ("laconic-fuzz-" + std::to_string(getpid()));
  OwnFolder() { fs::create_directories(path); }
  ~OwnFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

void fuzz_csv(std::string_view bytes) { parse_csv(bytes, "f.csv"); }

// Training samples up to a zero byte, and test samples behind it.
void fuzz_test_csv(std::string_view bytes) {
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const Dataset training = parse_csv(bytes.substr(0, end), "f.csv");
  CsvOptions options;
  options.like = &training;
  options.own_label = options.own_ignore = false;
  parse_csv(bytes.substr(std::min(end + 1, bytes.size())), "g.csv", options);
}

void fuzz_libsvm(std::string_view bytes) {
  // Indices may be as large as they like, where rows are stored sparsely.
  LibsvmOptions options;
  options.storage = Storage::sparse;
  parse_libsvm(bytes, "f.svm", options);
}

void fuzz_idx(std::string_view bytes) { parse_idx(bytes, "f.idx"); }

void fuzz_image(std::string_view bytes) {
  const Picture picture = decode_picture(bytes, "f.png");
  std::array<double, 3 * 4 * 5> out;
  resample(picture, 3, 4, 5, Fit::crop, out.data());
}

void fuzz_compressed(std::string_view bytes) { read_input(as_file(bytes)); }

void fuzz_expression(std::string_view bytes) {
  try {
    evaluate_expression(bytes, {{"L", 2}, {"L_max", 3}, {"M", 4}, {"d", 5}, {"K", 6}});
  } catch (const std::invalid_argument&) {  // as it promises
  }
}

void fuzz_quantity(std::string_view bytes) {
  for (const Unit unit : {Unit::time, Unit::bandwidth, Unit::speed, Unit::size, Unit::factor})
    parse_quantity(bytes, unit);
}

void fuzz_set(std::string_view bytes) {
  nlohmann::json scenario = {{"a", {{"b", 1}, {"c/d", "text"}}}, {"list", {1, {{"x", 2}}}}};
  apply_set(scenario, std::string(bytes));
  (void)scenario.dump();  // as run.json is written
}

void fuzz_sites(std::string_view bytes) { read_sites(as_file(bytes)); }

void fuzz_profile(std::string_view bytes) {
  const fs::path file = as_file(bytes);
  for (const Profiled of : {Profiled::bandwidth, Profiled::latency, Profiled::speed, Profiled::availability}) {
    try {
      profile_in(file, of, "f").at(1, 1);
    } catch (const InputError&) {  // what is none of these may be another
    }
  }
}

void fuzz_measured(std::string_view bytes) {
  const nlohmann::json block = {{"file", as_file(bytes).string()}};
  Params in(block, "s.json", "/bandwidth");
  read_measured(in, "file", {}).at(1, 1);
}

// The first byte says how many ms a window lasts, in tenths.
void fuzz_mahimahi(std::string_view bytes) {
  if (bytes.empty()) return;
  const nlohmann::json block = {{"file", as_file(bytes.substr(1)).string()},
                                {"window", fmt::format("{}us", 1000 + 100 * static_cast<unsigned char>(bytes[0]))}};
  Params in(block, "s.json", "/bandwidth");
  read_mahimahi(in, "file", {}).at(1, 1);
}

void fuzz_platform_xml(std::string_view bytes) {
  const PlatformXml xml = read_platform_xml("f", as_file(bytes, "f.xml"), network_models().data());
  for (const ProfileFile& profile : xml.profiles) {
    if (!profile.path.empty()) continue;
    const Profiled of = profile.of == ProfileFile::Of::state       ? Profiled::availability
                        : profile.of == ProfileFile::Of::bandwidth ? Profiled::bandwidth
                                                                   : Profiled::latency;
    profile_of(profile.text, of, profile.where);
  }
}

void fuzz_trajectory(std::string_view bytes) { read_results(as_file(bytes)); }

void fuzz_trace(std::string_view bytes) { read_trace(as_file(bytes)); }

// What stands in a trace's section, where no digest keeps mutations out.
void fuzz_plans(std::string_view bytes) {
  try {
    const Trace trace = Trace::unpacked(bytes);
    RoundPlan plan;
    for (Round k = 0; k < trace.rounds() && k < 100; ++k) trace.read_round(k, plan);
  } catch (const std::out_of_range&) {  // as it promises
  } catch (const std::length_error&) {
  }
}

constexpr std::array targets{
    FuzzTarget{"csv", fuzz_csv},
    FuzzTarget{"test_csv", fuzz_test_csv},
    FuzzTarget{"libsvm", fuzz_libsvm},
    FuzzTarget{"idx", fuzz_idx},
    FuzzTarget{"image", fuzz_image},
    FuzzTarget{"compressed", fuzz_compressed},
    FuzzTarget{"expression", fuzz_expression},
    FuzzTarget{"quantity", fuzz_quantity},
    FuzzTarget{"set", fuzz_set},
    FuzzTarget{"sites", fuzz_sites},
    FuzzTarget{"profile", fuzz_profile},
    FuzzTarget{"measured", fuzz_measured},
    FuzzTarget{"mahimahi", fuzz_mahimahi},
    FuzzTarget{"platform_xml", fuzz_platform_xml},
    FuzzTarget{"trajectory", fuzz_trajectory},
    FuzzTarget{"trace", fuzz_trace},
    FuzzTarget{"plans", fuzz_plans},
    FuzzTarget{"run_json", fuzz_run_json},
    FuzzTarget{"finished", fuzz_finished},
    FuzzTarget{"message", fuzz_message},
    FuzzTarget{"scenario", fuzz_scenario},
};

}  // namespace

std::span<const FuzzTarget> fuzz_targets() { return targets; }

void give(const FuzzTarget& target, std::string_view bytes) {
  try {
    target.read(bytes);
  } catch (const InputError&) {
  } catch (const RunError&) {
  }
}

fs::path as_file(std::string_view bytes, const fs::path& name) {
  static const OwnFolder own;
  const fs::path path = own.path / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace laconic::tests
