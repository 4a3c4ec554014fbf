#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>

#include "algorithms/base/error.hpp"
#include "sim/run/job.hpp"
#include "sim/scenario/scenario.hpp"
#include "tests/catch.hpp"

namespace laconic::tests {

/// What `work` returns, computed in a process of its own: a process has one SimGrid engine.
inline std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    std::string out;
    try {
      out = work();
    } catch (const std::exception& e) {
      out = std::string("threw: ") + e.what();
    }
    for (std::size_t sent = 0; sent < out.size();) {
      const ssize_t n = write(ends[1], out.data() + sent, out.size() - sent);
      if (n <= 0) _exit(1);
      sent += static_cast<std::size_t>(n);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string out;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  REQUIRE(status == 0);
  return out;
}

/// What `write` writes.
inline std::string text_written(const std::function<void(std::FILE*)>& write) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  write(file);
  std::rewind(file);
  std::string out;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) out.append(buffer, n);
  std::fclose(file);
  return out;
}

/// The rows run_job writes for algorithm i.
inline std::string rows_of(const Scenario& s, std::size_t i = 0) {
  return text_written([&](std::FILE* file) { run_job(s, i, file, {}); });
}

/// Fields of CSV text, a row a line.
inline std::vector<std::vector<std::string>> csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  for (const char c : text) {
    if (c == ',' || c == '\n') {
      row.push_back(std::move(field));
      field.clear();
      if (c == '\n') rows.push_back(std::exchange(row, {}));
    } else {
      field += c;
    }
  }
  return rows;
}

/// Columns of trajectory.csv.
enum Column {
  scenario_,
  algorithm,
  seed,
  round_,
  iterations,
  sim_time,
  loss,
  loss_gap,
  grad_norm,
  accuracy,
  uploads,
  downloads,
  upload_bits,
  download_bits,
  wire_up,
  wire_down,
  compute_s,
  flops,
  late,
  lost,
  energy_j,
  staleness_mean,
  staleness_max,
  consensus,
  comm_hidden_s,
  comm_exposed_s,
  columns
};

/// A small scenario to bend: 3 workers, 60 x 5 samples, a star of 10 ms and 8 Mbps (1 MB/s).
inline nlohmann::json small_scenario(const nlohmann::json& algorithm = {{"method", "gd"}}) {
  return {{"name", "small"},
          {"workers", 3},
          {"problem", {{"type", "logistic"}, {"l2", 0.01}}},
          {"data", {{"type", "gaussian"}, {"samples", 60}, {"features", 5}}},
          {"platform", {{"type", "star"}, {"worker_speed", "1Mf"}, {"bandwidth", "8Mbps"}, {"latency", "10ms"}}},
          {"network", {{"wire", "float64"}}},
          {"algorithms", {algorithm}},
          {"stop", {{"rounds", 20}}}};
}

inline Scenario scenario_of(const nlohmann::json& source) { return make_scenario(source, "test.json", "."); }

/// Why the scenario is refused, or "accepted".
inline std::string refusal_of(const nlohmann::json& source) {
  try {
    scenario_of(source);
  } catch (const InputError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace laconic::tests
