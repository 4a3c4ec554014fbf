#include "sim/commands/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <tuple>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "sim/calibrate/calibrate.hpp"
#include "sim/claims/check.hpp"
#include "sim/commands/analysis.hpp"
#include "sim/commands/calibrate_choice.hpp"
#include "sim/commands/codec_profile.hpp"
#include "sim/commands/data_report.hpp"
#include "sim/commands/deploy_choice.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/graph_report.hpp"
#include "sim/commands/option_values.hpp"
#include "sim/commands/pages.hpp"
#include "sim/commands/show_platform.hpp"
#include "sim/commands/sweep_choice.hpp"
#include "sim/run/provenance.hpp"
#include "sim/run/replay.hpp"
#include "sim/run/run.hpp"
#include "sim/scenario/sweep_points.hpp"
#include "sim/scenario/warnings.hpp"
#include "sim/tuning/tuned.hpp"

namespace laconic::commands {

using namespace methods;
using namespace platforms;
using namespace scenario;
using namespace run;
using namespace claims;

namespace {

constexpr int done = 0, bad_input = 2, run_failed = 3;

Progress progress_named(const std::string& name) {
  return name == "always" ? Progress::always : name == "never" ? Progress::never : Progress::automatic;
}

// One line, not a page of help, for a slip on the command line.
std::string slip(const CLI::App* app, const CLI::Error& error) {
  const auto used = app->get_subcommands();
  const std::string name = used.empty() ? "laconic" : "laconic " + used.front()->get_name();
  std::vector<std::string> known{"--help"};
  for (const CLI::Option* option : (used.empty() ? app : used.front())->get_options())
    for (const auto& one : option->get_lnames()) known.push_back("--" + one);
  std::string hint;
  for (const auto& word : app->remaining(true))
    if (word.starts_with("--") && hint.empty()) hint = did_you_mean(word.substr(0, word.find('=')), known);
  return printable(fmt::format("{}: {}{}; `{} --help` shows the options\n", name, error.what(), hint, name));
}

template <class Count>
std::string counted(Count n, const char* thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

int validate(const std::vector<std::string>& files, const ScenarioOptions& options) {
  int code = done;
  for (const auto& file : files) {
    try {
      const std::string tuned = tuning::check_trials(file, options);
      const Scenario s = load_scenario(file, options);
      warn(s);
      const std::size_t points = s.source.contains("sweep") ? Sweep(s.source, file).size() : 0;
      const Problem& p = s.problem;
      std::string smoothness;
      if (p.smooth()) {
        const auto [low, high] = std::minmax_element(p.L_m.begin(), p.L_m.end());
        smoothness = fmt::format(", L = {:.6g}, L_m = {:.6g} .. {:.6g}", p.L, *low, *high);
      }
      fmt::print("{}: ok: {}, {}, {}, n = {}, d = {}{}{}{}{}\n", printable(file),
                 counted(s.algorithms.size(), "algorithm"), counted(p.M(), "worker"), printable(s.data.name),
                 s.data.samples, p.d, smoothness, p.optimum ? fmt::format(", optimum {:.6g}", *p.optimum) : "", tuned,
                 points > 0 ? fmt::format(", a sweep of {}", counted(points, "point")) : "");
      if (!p.no_optimum.empty()) fmt::print("{}: no loss_gap: {}\n", file, p.no_optimum);
    } catch (const InputError& e) {
      fmt::print(stderr, "{}\n", printable(e.what()));
      code = bad_input;
    }
  }
  return code;
}

// What the command line gives; each subcommand declares the options that fill its part.
struct Given {
  std::string file, name;
  std::vector<std::string> files;
  ScenarioOptions scenario;
  RunOptions run;
  ReplayOptions replay;
  CheckOptions check;
  calibrate::CalibrateOptions calibrate;
  bool all = false, as_json = false, as_markdown = false;
  ShowPlatformOptions show;
  SweepChoice sweep;
  deploy::DeployOptions deploy;
};

// A subcommand and what it does once the command line is read: it returns the exit code.
struct Subcommand {
  const CLI::App* app;
  std::function<int()> act;
};

void add_set(CLI::App* command, std::vector<std::string>& set) {
  command->add_option("--set", set, "replace a value of the scenario, e.g. --set /platform/latency=10ms")
      ->type_name("/POINTER=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option_function<std::string>(
          "--unpack", [](const std::string& text) { set_unpack_limit(size_of(text)); },
          "how much a compressed file may unpack to (default: 256MB, or 100 times the file where that is more)")
      ->type_name("SIZE")
      ->check(CLI::Validator(
          [](std::string& text) -> std::string {
            return size_of(text) > 0 ? "" : fmt::format("expected a size such as 20GB, got {}", shown(text));
          },
          ""));
}

void add_overrides(CLI::App* command, ScenarioOptions& scenario) {
  add_set(command, scenario.set);
  command
      ->add_option_function<std::uint64_t>(
          "--seed", [&](std::uint64_t seed) { scenario.seed = seed; }, "replace the scenario's seed")
      ->type_name("N")
      ->transform(whole_number(0, std::uint64_t{1} << 53, "a whole number from 0 to 2^53"));
  command->add_flag("--full", scenario.full, "at the scale that the scenario's \"full\" states");
}

void add_out(CLI::App* command, std::filesystem::path& out, const char* what) {
  command
      ->add_option_function<std::string>(
          "--out", [&](const std::string& text) { out = text; }, what)
      ->type_name("DIR");
}

void add_count(CLI::App* command, const char* name, int& count, const char* what) {
  command->add_option(name, count, what)
      ->type_name("N")
      ->transform(whole_number(1, 4096, "a whole number from 1 to 4096"));
}

void add_progress(CLI::App* command, Progress& progress) {
  command
      ->add_option_function<std::string>(
          "--progress", [&](const std::string& text) { progress = progress_named(text); },
          "a progress line: auto (on a terminal), always or never")
      ->type_name("WHEN")
      ->check(one_of({"auto", "always", "never"}));
}

// The options that whatever writes a result folder has.
void add_run_options(CLI::App* command, RunOptions& run, const char* jobs, const char* force) {
  add_out(command, run.out, "the folder for the results (default: results/<name>)");
  add_count(command, "--jobs", run.jobs, jobs);
  add_progress(command, run.progress);
  command->add_flag("--force", run.force, force);
  command->add_flag_callback(
      "--json", [&] { run.as_json = run.quiet = true; }, "print the summary as JSON, and nothing else");
}

void add_timeline(CLI::App* command, RunOptions& run) {
  command
      ->add_option_function<std::string>(
          "--timeline", [&](const std::string& text) { run.timeline = text; },
          "also write what hosts and links do, as trace events for Perfetto or chrome://tracing")
      ->type_name("FILE.json[.gz]");
  command
      ->add_option_function<std::string>(
          "--timeline-rounds",
          [&](const std::string& text) { std::tie(run.timeline_first, run.timeline_last) = range_of(text); },
          "of these rounds, from 1 (default: 1:100)")
      ->type_name("A:B")
      ->needs("--timeline")
      ->check(round_range());
}

void add_scenario(CLI::App* command, std::string& file) {
  command->add_option("SCENARIO", file, "a scenario file (JSON); -: the standard input")->required();
}

Subcommand run_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("run", "simulate a scenario and write its CSV files");
  add_scenario(command, given.file);
  add_run_options(command, given.run, "algorithms run at a time (default: the cores)", "replace an existing result");
  add_count(command, "--threads", given.run.threads,
            "threads of each of them (default: as many as leave every core one process or thread)");
  command
      ->add_option("--platform", given.scenario.platform,
                   "another platform: a file (JSON or SimGrid's XML), or JSON; with its network, if calibrate wrote it")
      ->type_name("FILE_OR_JSON");
  add_overrides(command, given.scenario);
  add_timeline(command, given.run);
  return {command, [&given] { return tuning::run(given.file, given.scenario, given.run); }};
}

// What those have that go on where they were interrupted.
void add_sweep_options(CLI::App* command, Given& given) {
  add_scenario(command, given.file);
  add_run_options(command, given.run, "processes at a time (default: the cores)",
                  "replace an existing result, and start over");
  add_overrides(command, given.scenario);
}

Subcommand sweep_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand(
      "sweep", "simulate a scenario at every point of its \"sweep\"; the same command again goes on");
  add_sweep_options(command, given);
  add_sweep_choice(command, given.sweep);
  return {command, [&given] { return act_on_sweep(given.file, given.scenario, given.run, given.sweep); }};
}

Subcommand tune_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand(
      "tune", "try the values of a scenario's \"tune\" and say which are best; the same command again goes on");
  add_sweep_options(command, given);
  return {command, [&given] { return tuning::tune(given.file, given.scenario, given.run); }};
}

Subcommand replay_command(CLI::App& app, Given& given) {
  CLI::App* command =
      app.add_subcommand("replay", "a finished run on another network, without computing a gradient again");
  command->add_option("RUN_DIR", given.file, "the result folder of a run")->required();
  add_run_options(command, given.run, "algorithms replayed at a time (default: the cores)",
                  "replace an existing result");
  command
      ->add_option("--platform", given.replay.platform, "the other platform: a file (JSON or SimGrid's XML), or JSON")
      ->type_name("FILE_OR_JSON");
  command->add_option("--network", given.replay.network, "keys of \"network\" to replace")->type_name("JSON");
  add_set(command, given.replay.set);
  add_timeline(command, given.run);
  return {command, [&given] { return replay_run(given.file, given.replay, given.run); }};
}

Subcommand calibrate_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("calibrate", "fit a platform and network to the messages of deployed runs");
  command->add_option("DEPLOYED", given.files, "result folders of deployed runs, on the same hosts")->required();
  add_calibrate_options(command, given.calibrate);
  return {command, [&given] {
            return calibrate::calibrate_runs({given.files.begin(), given.files.end()}, given.calibrate);
          }};
}

Subcommand deploy_command(CLI::App& app, Given& given) {
  CLI::App* command =
      app.add_subcommand("deploy", "a scenario's methods as real processes over MPI, whose times are measured");
  add_scenario(command, given.file);
  add_deploy_options(command, given.deploy);
  add_out(command, given.run.out, "the folder for the results (default: results/<name>)");
  add_progress(command, given.run.progress);
  command->add_flag("--force", given.run.force, "replace an existing result");
  command->add_flag_callback(
      "--json", [&] { given.run.as_json = given.run.quiet = true; }, "print the summary as JSON, and nothing else");
  add_overrides(command, given.scenario);
  return {command, [&given] { return deploy::deploy(given.file, given.scenario, given.run, given.deploy); }};
}

int check(Given& given) {
  if (given.as_json && given.as_markdown) throw InputError("check: --json and --markdown: expected one of them");
  if (given.all == !given.files.empty())
    throw InputError(
        fmt::format("check: expected scenario files, or --all, {}", given.all ? "got both" : "got neither"));
  given.check.run = given.run;
  given.check.scenario = given.scenario;
  given.check.form = given.as_json       ? CheckOptions::Form::json
                     : given.as_markdown ? CheckOptions::Form::markdown
                                         : CheckOptions::Form::lines;
  const std::vector<std::filesystem::path> chosen(given.files.begin(), given.files.end());
  return check_scenarios(given.all ? paper_scenarios() : chosen, given.check);
}

Subcommand check_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("check", "run scenarios and judge their claims; 1 if one fails");
  command->add_option("SCENARIO", given.files, "scenario files (JSON)");
  command->add_flag("--all", given.all, "every figure of scenarios/papers");
  command->add_flag("--json", given.as_json, "the verdicts as JSON");
  command->add_flag("--markdown", given.as_markdown, "the verdicts as Markdown tables");
  command->add_flag("--strict", given.check.strict, "what cannot be decided counts as failed");
  command->add_flag("--judge-only", given.check.judge_only, "run nothing: judge the results that are there");
  add_out(command, given.run.out, "a folder for the results: DIR/<name> of each (default: results)");
  add_count(command, "--jobs", given.run.jobs, "processes at a time (default: the cores)");
  add_progress(command, given.run.progress);
  command->add_flag("--force", given.run.force, "replace existing results");
  add_overrides(command, given.scenario);
  return {command, [&given] { return check(given); }};
}

Subcommand validate_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("validate", "read and build everything, simulate nothing");
  command->add_option("SCENARIO", given.files, "scenario files (JSON)")->required();
  add_overrides(command, given.scenario);
  return {command, [&given] { return validate(given.files, given.scenario); }};
}

Subcommand data_command(CLI::App& app, Given& given) {
  CLI::App* command =
      app.add_subcommand("data", "what each worker holds: samples, classes, smoothness, spread; the graphs");
  add_scenario(command, given.file);
  add_overrides(command, given.scenario);
  return {command, [&given] {
            given.scenario.optimum = true;
            const Scenario scenario = load_scenario(given.file, given.scenario);
            const std::string graphs = graph_report(scenario);
            fmt::print("{}{}{}", data_report(scenario), graphs.empty() ? "" : "\n", graphs);
            return done;
          }};
}

Subcommand platform_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("platform", "hosts, links and paths of a platform, and its picture");
  command->add_option("FILE", given.file, "a scenario or a platform (JSON), or SimGrid's XML")->required();
  command
      ->add_option_function<int>(
          "--workers", [&](int workers) { given.show.workers = workers; },
          "workers (default: the scenario's, all that XML holds, or 10)")
      ->type_name("N")
      ->transform(whole_number(1, 1000000, "a whole number from 1 to 1000000"));
  add_out(command, given.show.out, "the folder for the picture (default: results/platforms)");
  command->add_flag("--all", given.show.all, "every line of a long table");
  command->add_flag("--json", given.show.json, "ranges over the workers as JSON; no picture");
  add_set(command, given.scenario.set);
  return {command, [&given] {
            show_platform(given.file, given.scenario, given.show);
            return done;
          }};
}

Subcommand list_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("list", "every name a scenario may use");
  command->add_option("KIND", given.name, "methods, compressors, triggers, problems, data, platforms, ...");
  return {command, [&given] {
            fmt::print("{}", list_names(given.name));
            return done;
          }};
}

Subcommand describe_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("describe", "what a name means: box, parameters, bits, source");
  command->add_option("NAME", given.name, "e.g. le-signgd, scaled-sign, star")->required();
  return {command, [&given] {
            fmt::print("{}", describe(given.name));
            return done;
          }};
}

Subcommand bench_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("bench", "what this machine takes: codecs, in ns for each entry of a vector");
  command->add_option("WHAT", given.name, "codecs")->required()->check(one_of({"codecs"}));
  command->add_flag("--profile", given.as_json, "as the \"codecs\" of a scenario (JSON)");
  return {command, [&given] {
            constexpr long entries = 1'000'000;
            const auto times = measure_codecs(entries, 5);
            fmt::print("{}", given.as_json ? codec_profile(times) : codec_table(times));
            return done;
          }};
}

Subcommand pages_command(CLI::App& app, Given& given) {
  CLI::App* command = app.add_subcommand("pages", "the manual page, and completion of this command line for shells");
  command->add_option("KIND", given.name, "man, bash or zsh")->required();
  return {command, [&app, &given] {
            fmt::print("{}", page(app, given.name));
            return done;
          }};
}

// Whether the first word is a subcommand, or an option; what it could have been is printed otherwise.
bool knows(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return true;
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  if (std::find(commands.begin(), commands.end(), word) != commands.end()) return true;
  fmt::print(stderr, "laconic: expected {}, got {}{}\n", quoted_choices(commands), shown(word),
             did_you_mean(word, commands));
  return false;
}

// Returns the exit code of what was asked for, and says what it threw.
int guarded(const std::function<int()>& act) {
  try {
    return act();
  } catch (const InputError& e) {
    fmt::print(stderr, "{}\n", printable(e.what()));
    return bad_input;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "laconic: out of memory\n");
    return run_failed;
  } catch (const std::exception& e) {
    fmt::print(stderr, "laconic: {}\n", printable(e.what()));
    return run_failed;
  }
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

  Given given;
  const Subcommand subcommands[] = {
      run_command(app, given),       sweep_command(app, given),    tune_command(app, given),
      replay_command(app, given),    deploy_command(app, given),   check_command(app, given),
      calibrate_command(app, given), validate_command(app, given), data_command(app, given),
      platform_command(app, given),  list_command(app, given),     describe_command(app, given),
      bench_command(app, given),     pages_command(app, given)};
  app.add_subcommand("plot", "figures of results (PDF, SVG, PNG): curves, and which method wins on which network");
  app.add_subcommand("report", "one page (HTML) of results to look at, sort and explore");
  app.add_subcommand("compare", "a simulated run and the same one deployed: errors of times, rankings, a figure");
  if (argc > 1 && is_analysis(argv[1])) return run_analysis(argc, argv);

  if (argc > 1 && !knows(app, argv[1])) return bad_input;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? done : bad_input;
  }
  for (const Subcommand& subcommand : subcommands)
    if (*subcommand.app) return guarded(subcommand.act);
  return done;
}

}  // namespace laconic::commands
