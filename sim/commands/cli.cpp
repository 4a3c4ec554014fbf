#include "sim/commands/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <tuple>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "sim/claims/check.hpp"
#include "sim/commands/analysis.hpp"
#include "sim/commands/data_report.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/show_platform.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/replay.hpp"
#include "sim/run/run.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/sweep/sweep.hpp"

namespace laconic::commands {

using namespace methods;
using namespace platforms;
using namespace scenario;
using namespace run;
using namespace sweep;
using namespace claims;

namespace {

constexpr int done = 0, bad_input = 2, run_failed = 3;

Progress progress_of(const std::string& name) {
  return name == "always" ? Progress::always : name == "never" ? Progress::never : Progress::automatic;
}

// Checks that an option's text is a whole number in a range; CLI11 puts the option's name before the words.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most, const char* words) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc{} && end == text.data() + text.size();
        return whole && value >= least && value <= most ? "" : fmt::format("expected {}, got {}", words, shown(text));
      },
      "");
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        if (std::find(names.begin(), names.end(), text) != names.end()) return "";
        return fmt::format("expected {}, got {}{}", quoted_choices(names), shown(text), did_you_mean(text, names));
      },
      "");
}

// "A:B", 0 where it is none.
std::pair<Round, Round> range_of(const std::string& text) {
  Round first = 0, last = 0;
  const char* const end = text.data() + text.size();
  const auto a = std::from_chars(text.data(), end, first);
  if (a.ec != std::errc{} || a.ptr == end || *a.ptr != ':') return {};
  const auto b = std::from_chars(a.ptr + 1, end, last);
  if (b.ec != std::errc{} || b.ptr != end || first < 1 || last < first) return {};
  return {first, last};
}

CLI::Validator round_range() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        if (range_of(text).first > 0) return "";
        return fmt::format("expected two whole numbers such as 1:100, the first and the last round, got {}",
                           shown(text));
      },
      "");
}

// One line, not a page of help, for a slip on the command line.
std::string slip(const CLI::App* app, const CLI::Error& error) {
  const auto used = app->get_subcommands();
  const std::string name = used.empty() ? "laconic" : "laconic " + used.front()->get_name();
  return fmt::format("{}: {}; `{} --help` shows the options\n", name, error.what(), name);
}

template <class Count>
std::string counted(Count n, const char* thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

int validate(const std::vector<std::string>& files, const ScenarioOptions& options) {
  int code = done;
  for (const auto& file : files) {
    try {
      const Scenario s = load_scenario(file, options);
      const std::size_t points = s.source.contains("sweep") ? Sweep(s.source, file).size() : 0;
      const Problem& p = s.problem;
      std::string smoothness;
      if (p.smooth()) {
        const auto [low, high] = std::minmax_element(p.L_m.begin(), p.L_m.end());
        smoothness = fmt::format(", L = {:.6g}, L_m = {:.6g} .. {:.6g}", p.L, *low, *high);
      }
      fmt::print("{}: ok: {}, {}, {}, n = {}, d = {}{}{}{}\n", file, counted(s.algorithms.size(), "algorithm"),
                 counted(p.M(), "worker"), s.data.name, s.data.samples, p.d, smoothness,
                 p.optimum ? fmt::format(", optimum {:.6g}", *p.optimum) : "",
                 points > 0 ? fmt::format(", a sweep of {}", counted(points, "point")) : "");
    } catch (const InputError& e) {
      fmt::print(stderr, "{}\n", e.what());
      code = bad_input;
    }
  }
  return code;
}

}  // namespace

int command_line(int argc, char** argv) {
  CLI::App app{
      "Laconic simulates communication-efficient distributed learning: loss against bits and wall-clock time on a "
      "network of your choice."};
  app.name("laconic");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line());
  app.failure_message(slip);

  ScenarioOptions scenario;
  RunOptions run;
  std::string file, name, out, progress = "auto";
  std::vector<std::string> files;
  std::uint64_t seed = 0;
  const auto add_overrides = [&](CLI::App* command) {
    command->add_option("--set", scenario.set, "replace a value of the scenario, e.g. --set /platform/latency=10ms")
        ->type_name("/POINTER=VALUE")
        ->allow_extra_args(false);
    command->add_option("--seed", seed, "replace the scenario's seed")
        ->type_name("N")
        ->check(whole_number(0, std::uint64_t{1} << 53, "a whole number from 0 to 2^53"));
    command->add_flag("--full", scenario.full, "at the scale that the scenario's \"full\" states");
  };

  std::string timeline, timeline_rounds;
  const auto add_run = [&](const char* command_name, const char* what, const char* jobs, const char* force) {
    CLI::App* command = app.add_subcommand(command_name, what);
    if (command_name == std::string("replay"))
      command->add_option("RUN_DIR", file, "the result folder of a run")->required();
    else
      command->add_option("SCENARIO", file, "a scenario file (JSON)")->required();
    command->add_option("--out", out, "the folder for the results (default: results/<name>)")->type_name("DIR");
    command->add_option("--jobs", run.jobs, jobs)
        ->type_name("N")
        ->check(whole_number(1, 4096, "a whole number from 1 to 4096"));
    command->add_option("--progress", progress, "a progress line: auto (on a terminal), always or never")
        ->type_name("WHEN")
        ->check(one_of({"auto", "always", "never"}));
    command->add_flag("--force", run.force, force);
    return command;
  };
  const auto add_timeline = [&](CLI::App* command) {
    command
        ->add_option("--timeline", timeline,
                     "also write what hosts and links do, as trace events for Perfetto or chrome://tracing")
        ->type_name("FILE.json[.gz]");
    command->add_option("--timeline-rounds", timeline_rounds, "of these rounds, from 1 (default: 1:100)")
        ->type_name("A:B")
        ->needs("--timeline")
        ->check(round_range());
  };
  CLI::App* run_command = add_run("run", "simulate a scenario and write its CSV files",
                                  "algorithms run at a time (default: the cores)", "replace an existing result");
  run_command
      ->add_option("--threads", run.threads,
                   "threads of each of them (default: as many as leave every core one process or thread)")
      ->type_name("N")
      ->check(whole_number(1, 4096, "a whole number from 1 to 4096"));
  CLI::App* sweep_command =
      add_run("sweep", "simulate a scenario at every point of its \"sweep\"; the same command again goes on",
              "processes at a time (default: the cores)", "replace an existing result, and start over");
  ReplayOptions replay;
  CLI::App* replay_command =
      add_run("replay", "a finished run on another network, without computing a gradient again",
              "algorithms replayed at a time (default: the cores)", "replace an existing result");
  replay_command
      ->add_option("--platform", replay.platform, "the other platform: a file (JSON or SimGrid's XML), or JSON")
      ->type_name("FILE_OR_JSON");
  replay_command->add_option("--network", replay.network, "keys of \"network\" to replace")->type_name("JSON");
  replay_command->add_option("--set", replay.set, "replace a value of the scenario, e.g. --set /platform/latency=10ms")
      ->type_name("/POINTER=VALUE")
      ->allow_extra_args(false);
  for (CLI::App* command : {run_command, sweep_command}) add_overrides(command);
  for (CLI::App* command : {run_command, replay_command}) add_timeline(command);

  CheckOptions check;
  bool all = false, as_json = false, as_markdown = false;
  CLI::App* check_command = app.add_subcommand("check", "run scenarios and judge their claims; 1 if one fails");
  check_command->add_option("SCENARIO", files, "scenario files (JSON)");
  check_command->add_flag("--all", all, "every figure of scenarios/papers");
  check_command->add_flag("--json", as_json, "the verdicts as JSON");
  check_command->add_flag("--markdown", as_markdown, "the verdicts as Markdown tables");
  check_command->add_flag("--strict", check.strict, "what cannot be decided counts as failed");
  check_command->add_flag("--judge-only", check.judge_only, "run nothing: judge the results that are there");
  check_command->add_option("--out", out, "a folder for the results: DIR/<name> of each (default: results)")
      ->type_name("DIR");
  check_command->add_option("--jobs", run.jobs, "processes at a time (default: the cores)")
      ->type_name("N")
      ->check(whole_number(1, 4096, "a whole number from 1 to 4096"));
  check_command->add_option("--progress", progress, "a progress line: auto (on a terminal), always or never")
      ->type_name("WHEN")
      ->check(one_of({"auto", "always", "never"}));
  check_command->add_flag("--force", run.force, "replace existing results");
  add_overrides(check_command);

  CLI::App* validate_command = app.add_subcommand("validate", "read and build everything, simulate nothing");
  validate_command->add_option("SCENARIO", files, "scenario files (JSON)")->required();
  add_overrides(validate_command);

  CLI::App* data_command = app.add_subcommand("data", "what each worker holds: samples, classes, smoothness, spread");
  data_command->add_option("SCENARIO", file, "a scenario file (JSON)")->required();
  add_overrides(data_command);

  ShowPlatformOptions show;
  std::uint64_t show_workers = 0;
  CLI::App* platform_command = app.add_subcommand("platform", "hosts, links and paths of a platform, and its picture");
  platform_command->add_option("FILE", file, "a scenario or a platform (JSON), or SimGrid's XML")->required();
  platform_command
      ->add_option("--workers", show_workers, "workers (default: the scenario's, all that XML holds, or 10)")
      ->type_name("N")
      ->check(whole_number(1, 1000000, "a whole number from 1 to 1000000"));
  platform_command->add_option("--out", out, "the folder for the picture (default: results/platforms)")
      ->type_name("DIR");
  platform_command->add_flag("--all", show.all, "every line of a long table");
  platform_command->add_flag("--json", show.json, "ranges over the workers as JSON; no picture");
  platform_command
      ->add_option("--set", scenario.set, "replace a value of the scenario, e.g. --set /platform/latency=10ms")
      ->type_name("/POINTER=VALUE")
      ->allow_extra_args(false);

  CLI::App* list_command = app.add_subcommand("list", "every name a scenario may use");
  list_command->add_option("KIND", name, "methods, compressors, triggers, problems, data, platforms, ...");

  CLI::App* describe_command = app.add_subcommand("describe", "what a name means: box, parameters, bits, source");
  describe_command->add_option("NAME", name, "e.g. le-signgd, scaled-sign, star")->required();

  app.add_subcommand("plot", "figures of results (PDF, SVG, PNG): curves, and which method wins on which network");
  app.add_subcommand("report", "one page (HTML) of results to look at, sort and explore");
  if (argc > 1 && is_analysis(argv[1])) return run_analysis(argc, argv);

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
    if (std::find(commands.begin(), commands.end(), argv[1]) == commands.end()) {
      fmt::print(stderr, "laconic: expected {}, got {}{}\n", quoted_choices(commands), shown(argv[1]),
                 did_you_mean(argv[1], commands));
      return bad_input;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? done : bad_input;
  }
  for (CLI::App* command : {run_command, sweep_command, check_command, validate_command, data_command})
    if (command->count("--seed")) scenario.seed = seed;
  run.out = out;
  run.progress = progress_of(progress);
  run.timeline = timeline;
  if (!timeline_rounds.empty()) std::tie(run.timeline_first, run.timeline_last) = range_of(timeline_rounds);

  try {
    if (*run_command) return run_scenario(load_scenario(file, scenario), run);
    if (*replay_command) return replay_run(file, replay, run);
    if (*sweep_command) return run_sweep(file, scenario, run);
    if (*check_command) {
      if (as_json && as_markdown) throw InputError("check: --json and --markdown: expected one of them");
      if (all == !files.empty())
        throw InputError(fmt::format("check: expected scenario files, or --all, {}", all ? "got both" : "got neither"));
      check.run = run;
      check.scenario = scenario;
      check.form = as_json       ? CheckOptions::Form::json
                   : as_markdown ? CheckOptions::Form::markdown
                                 : CheckOptions::Form::lines;
      std::vector<std::filesystem::path> chosen(files.begin(), files.end());
      return check_scenarios(all ? paper_scenarios() : chosen, check);
    }
    if (*validate_command) return validate(files, scenario);
    if (*data_command) {
      scenario.optimum = true;
      fmt::print("{}", data_report(load_scenario(file, scenario)));
    }
    if (*platform_command) {
      show.out = out;
      if (platform_command->count("--workers")) show.workers = static_cast<int>(show_workers);
      show_platform(file, scenario, show);
    }
    if (*list_command) fmt::print("{}", list_names(name));
    if (*describe_command) fmt::print("{}", describe(name));
    return done;
  } catch (const InputError& e) {
    fmt::print(stderr, "{}\n", e.what());
    return bad_input;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "laconic: out of memory\n");
    return run_failed;
  } catch (const std::exception& e) {
    fmt::print(stderr, "laconic: {}\n", e.what());
    return run_failed;
  }
}

}  // namespace laconic::commands
