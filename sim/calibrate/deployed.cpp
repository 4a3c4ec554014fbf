#include "sim/calibrate/deployed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "sim/results/table_lines.hpp"
#include "sim/run/told.hpp"

namespace laconic::calibrate {

using namespace results;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

enum Column { algorithm, seed, round_of, kind, from, to, direction, bits, bytes, flops, start_s, end_s, columns };
constexpr std::array<const char*, columns> names{"algorithm", "seed", "round", "kind",  "from",    "to",
                                                 "direction", "bits", "bytes", "flops", "start_s", "end_s"};

// Reads the rows of one file.
class Reader {
 public:
  Reader(const fs::path& file, DeployedRun& out) : in_(file), out_(out) {}

  TableFacts read() {
    std::string line;
    in_.next(line);
    read_header(fields_of(line));
    while (in_.next(line)) {
      fields_ = fields_of(line);
      if (fields_.size() != width_)
        throw InputError(fmt::format("{}: expected {} fields, got {}", in_.where(), width_, fields_.size()));
      out_.activities.push_back(row());
    }
    if (out_.activities.empty())
      throw InputError(fmt::format("{}: no row: expected one for each message and computation", in_.path()));
    return in_.facts();
  }

 private:
  [[noreturn]] void expected(Column column, const std::string& what) const {
    throw InputError(fmt::format("{}: {}: expected {}, got {}", in_.where(), names[column], what, shown(text(column))));
  }
  const std::string& text(Column column) const { return fields_[at_[column]]; }

  void read_header(const std::vector<std::string>& header) {
    width_ = header.size();
    for (int i = 0; i < columns; ++i) {
      const auto found = std::find(header.begin(), header.end(), names[i]);
      if (found == header.end())
        throw InputError(fmt::format("{}: there is no column {}; expected {}", in_.where(), shown(names[i]),
                                     quoted_choices(std::vector<std::string>(names.begin(), names.end()), " and ")));
      if (std::find(found + 1, header.end(), names[i]) != header.end())
        throw InputError(fmt::format("{}: the column {} stands twice", in_.where(), shown(names[i])));
      at_[i] = static_cast<std::size_t>(found - header.begin());
    }
  }

  double number(Column column) const {
    const double x = number_of(text(column), in_.where() + ": " + names[column]);
    if (!std::isfinite(x) || x < 0) expected(column, "a finite number that is not negative");
    return x;
  }

  std::uint64_t whole(Column column) const {
    std::uint64_t n = 0;
    const std::string& given = text(column);
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), n);
    if (error != std::errc{} || end != given.data() + given.size())
      expected(column, "a whole number that is not negative");
    return n;
  }

  int host(Column column) const {
    const std::string& name = text(column);
    if (name == host_name(the_server)) return the_server;
    int m = -1;
    constexpr std::string_view prefix = "worker-";
    if (name.starts_with(prefix)) {
      const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), m);
      if (error != std::errc{} || name != host_name(m)) m = -1;
    }
    if (m < 0 || m >= out_.workers)
      expected(column, fmt::format("\"server\", or \"worker-0\" to \"worker-{}\"", out_.workers - 1));
    return m;
  }

  std::size_t run() {
    const DeployedRun::Run own{text_of_csv(text(algorithm)), whole(seed)};
    const auto found = std::find(out_.runs.rbegin(), out_.runs.rend(), own);
    if (found != out_.runs.rend()) return static_cast<std::size_t>(out_.runs.rend() - found) - 1;
    out_.runs.push_back(own);
    return out_.runs.size() - 1;
  }

  Activity row() {
    Activity a;
    a.run = run();
    a.round = whole(round_of);
    if (text(kind) != "message" && text(kind) != "compute") expected(kind, "\"message\" or \"compute\"");
    a.message = text(kind) == "message";
    a.from = host(from);
    a.to = host(to);
    check_direction(a);
    if (a.message) {
      if (!text(bits).empty()) a.bits = whole(bits);
      a.bytes = number(bytes);
      if (a.bits && 8 * a.bytes < static_cast<double>(*a.bits))
        expected(bytes, fmt::format("as many as hold {} bits, {}, or more", *a.bits, (*a.bits + 7) / 8));
    } else if (!text(flops).empty()) {
      a.flops = number(flops);
    }
    a.start = time(start_s);
    a.end = time(end_s);
    if (a.end < a.start - out_.clock_uncertainty)
      expected(end_s, fmt::format("a time that is not before its start, {}", text(start_s)));
    return a;
  }

  // Clocks are aligned to one of them, which may have begun later.
  double time(Column column) const {
    const double x = number_of(text(column), in_.where() + ": " + names[column]);
    if (!std::isfinite(x)) expected(column, "a time in seconds, a finite number");
    return x;
  }

  void check_direction(const Activity& a) const {
    const bool from_server = a.from == the_server, to_server = a.to == the_server;
    if (!a.message && a.from != a.to) expected(to, fmt::format("the host that computes, {}", shown(text(from))));
    if (a.message && a.from == a.to) expected(to, "another host than the sender");
    const std::string right = !a.message ? "" : from_server ? "down" : to_server ? "up" : "peer";
    if (text(direction) != right)
      expected(direction, fmt::format("\"{}\" for what goes from {} to {}", right, shown(text(from)), shown(text(to))));
  }

  TableLines in_;
  DeployedRun& out_;
  std::size_t width_ = 0;
  std::array<std::size_t, columns> at_{};
  std::vector<std::string> fields_;
};

void refuse(const fs::path& folder, const char* why) {
  throw InputError(fmt::format("{}: expected the result folder of a deployed run, as `laconic deploy` writes it: {}",
                               folder.string(), why));
}

// Every rank's clock is known relative to rank 0's, so that two may differ by twice as much.
double uncertainty_of(const json& deployed) {
  double most = 0;
  if (const auto clocks = deployed.find("clock"); clocks != deployed.end() && clocks->is_array())
    for (const auto& clock : *clocks)
      if (clock.is_object() && clock.contains("uncertainty_s") && clock["uncertainty_s"].is_number())
        most = std::max(most, clock["uncertainty_s"].get<double>());
  return 2 * most;
}

}  // namespace

std::string host_name(int host) { return host == the_server ? "server" : fmt::format("worker-{}", host); }

DeployedRun read_deployed(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) refuse(folder, "there is no such folder");
  if (!fs::exists(folder / "run.json", ignored)) refuse(folder, "it has no run.json");
  const json told = run::read_told(folder / "run.json");
  const auto deployed = told.find("deployed");
  if (deployed == told.end() || !deployed->is_object())
    refuse(folder, "its run.json has no \"deployed\": it was simulated");
  if (!fs::exists(folder / "deploy.csv", ignored)) refuse(folder, "it has no deploy.csv");
  DeployedRun out{folder, told["scenario"], told["scenario"]["workers"], 0, {}, {}};
  out.clock_uncertainty = uncertainty_of(*deployed);
  Reader reader(folder / "deploy.csv", out);
  const TableFacts facts = reader.read();
  check_promise(facts, promised(told, "deploy.csv"), (folder / "deploy.csv").string());
  return out;
}

}  // namespace laconic::calibrate
