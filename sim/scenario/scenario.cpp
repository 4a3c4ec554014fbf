#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/data/load.hpp"
#include "algorithms/data/partition.hpp"
#include "algorithms/methods/registry.hpp"
#include "algorithms/problems/registry.hpp"
#include "platforms/built/survey.hpp"
#include "platforms/quantity.hpp"
#include "platforms/topologies/registry.hpp"
#include "sim/network/collective_routes.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/read_collective.hpp"
#include "sim/scenario/schema_check.hpp"

namespace laconic::scenario {

using namespace data;
using namespace problems;
using namespace methods;
using namespace platforms;
using namespace rounds;
using namespace network;
using namespace results;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const json nothing = json::object();

// A block of the scenario; an absent one reads as empty.
Params block(const Scenario& s, const char* key, const Constants& constants = {}) {
  const auto found = s.source.find(key);
  return Params(found == s.source.end() ? nothing : *found, s.file, fmt::format("/{}", key), constants);
}

// {"file": "x.json"} stands for the block kept in that file, {"file": "x.xml"} for the topology "file".
// Returns whether a file was read.
bool inline_platform(json& source, const std::string& file, const fs::path& folder) {
  json& platform = source["platform"];
  if (!platform.contains("file") || platform.value("type", "") == "file") return false;
  if (fs::path(platform["file"].get<std::string>()).extension() == ".xml") {
    if (!platform.contains("type")) platform["type"] = "file";
    return false;
  }
  if (platform.size() > 1 + platform.count("comment"))
    throw InputError(
        fmt::format("{}: /platform: \"file\" stands for the whole platform: expected no other key beside it", file));
  Params in(platform, file, "/platform");
  const fs::path path = find_file(in, "file", "a platform", folder);
  json inner = read_json(path);
  if (inner.is_object()) {
    if (inner.contains("file") &&
        fs::path(inner["file"].is_string() ? inner["file"].get<std::string>() : "").extension() != ".xml")
      throw InputError(
          fmt::format("{}: expected a platform block, which may not name another such file", path.string()));
    // What it names beside itself is not beside the scenario.
    for (const char* key : {"file", "path"}) {
      if (!inner.contains(key) || !inner[key].is_string()) continue;
      const fs::path beside = path.parent_path() / inner[key].get<std::string>();
      std::error_code ignored;
      if (fs::exists(beside, ignored)) inner[key] = fs::absolute(beside).lexically_normal().string();
    }
    if (inner.contains("file") && !inner.contains("type")) inner["type"] = "file";
  }
  platform = std::move(inner);
  return true;
}

std::string digest_of(const Dataset& data) {
  Digest digest;
  const auto add = [&](const auto* values, Index count) {
    digest.add(values, sizeof(*values) * static_cast<std::size_t>(count));
  };
  const Index shape[] = {data.samples(), data.features(), data.stored()};
  add(shape, 3);
  if (const auto* dense = std::get_if<RowMatrix>(&data.x)) {
    add(dense->data(), dense->size());
  } else {
    const auto& sparse = std::get<SparseRows>(data.x);
    add(sparse.outerIndexPtr(), sparse.outerSize() + 1);
    add(sparse.innerIndexPtr(), sparse.nonZeros());
    add(sparse.valuePtr(), sparse.nonZeros());
  }
  add(data.y.data(), data.y.size());
  return "xxh3-128:" + digest.hex();
}

template <class Entry>
const Entry& chosen_type(Params& in, std::span<const Entry> table, const char* meaning) {
  return *find(table, in.choice("type", {}, names_of(table), meaning));
}

ProblemPlan read_problem(const Scenario& s, const fs::path& folder) {
  Params in = block(s, "problem");
  const ProblemEntry& entry = chosen_type(in, problems::problems(), "the loss");
  ProblemPlan plan = entry.read(in, {s.seed, folder});
  in.finish(fmt::format("the {} problem", entry.name));
  return plan;
}

// The classes, by the names that the data give them, and what each worker has of them.
void count_labels(DataFacts& facts, const Dataset& data, const Vector& labels, const Partition& partition) {
  constexpr std::size_t most = 1000;
  std::map<double, std::size_t> classes;
  for (Index i = 0; i < labels.size() && classes.size() <= most; ++i) classes.emplace(labels[i], 0);
  const bool named = classes.size() <= most && 2 * classes.size() <= static_cast<std::size_t>(labels.size());
  if (named) {
    for (auto& [label, number] : classes) {
      number = facts.classes.size();
      facts.classes.push_back(data.classes.empty() ? fmt::format("{}", label)
                                                   : data.classes[static_cast<std::size_t>(label)]);
    }
  }
  for (const auto& rows : partition) {
    WorkerShare& share = facts.shares.emplace_back();
    share.samples = static_cast<Index>(rows.size());
    share.counts.resize(facts.classes.size());
    for (const auto row : rows) {
      if (named) ++share.counts[classes[labels[row]]];
      share.mean_label += labels[row] / static_cast<double>(rows.size());
    }
  }
}

void build_problem(Scenario& s, const ProblemPlan& plan, const fs::path& folder, int M, bool optimum, bool if_cheap) {
  const bool given = s.source.contains("data");
  if (plan.make_alone) {
    if (given)
      throw InputError(
          fmt::format("{}: /data: the {} problem has none", s.file, s.source["problem"]["type"].get<std::string>()));
    s.problem = plan.make_alone(M, s.seed);
    s.data.name = "no data";
    return;
  }
  if (!given) throw InputError(fmt::format("{}: /: missing \"data\": expected an object", s.file));
  const ChosenData chosen = choose_data(s.source["data"], s.file, folder);
  Params in(*chosen.block, s.file, chosen.pointer);
  in.ignore("otherwise");
  const auto load = read_data(in, {M, s.seed, plan.law, folder});
  // The keys are known before the partition can check itself against the data: no file is read for a slip of the pen.
  const Rescale rescale = read_rescaling(in, M, plan.law);
  const auto reader = fmt::format("the {} data", (*chosen.block)["type"].get<std::string>());
  in.finish(reader);
  LoadedData data = load();
  const Vector labels = data.train.y;  // as the data have them
  plan.prepare(data.train, data.test ? &*data.test : nullptr);
  const Partition partition = make_partition(in, data.train.y, M, s.seed);
  in.finish(reader);
  const Dataset& train = data.train;
  s.data.name = train.name;
  if (!chosen.missing.empty())
    s.data.stand_in = fmt::format("{} in place of {}, which {} not there", train.name,
                                  fmt::join(chosen.missing, " and "), chosen.missing.size() > 1 ? "are" : "is");
  s.data.samples = train.samples();
  s.data.features = train.features();
  s.data.stored = train.stored();
  s.data.test_samples = data.test ? data.test->samples() : 0;
  s.data.sparse = std::holds_alternative<SparseRows>(train.x);
  s.data.digest = digest_of(train);
  count_labels(s.data, train, labels, partition);
  if (if_cheap && plan.no_optimum.empty() && train.features() <= plan.cheap_features) optimum = true;
  Samples samples{split(train, partition), std::move(data.test)};
  data.train = {};  // each worker has its own
  rescale(samples.shards);
  s.problem = plan.make(std::move(samples), optimum);
}

void read_network(Scenario& s) {
  Params in = block(s, "network");
  std::vector<std::string> names;
  for (const auto& model : network_models()) names.emplace_back(model.name);
  const auto name = in.choice("model", names.front(), names, "how long a transfer takes");
  for (const auto& model : network_models())
    if (name == model.name) s.cluster.network = &model;
  const double header = quantity(in, "header", "64B", Unit::size, "bytes added to every message");
  if (header != std::floor(header) || header > 1e9) in.fail("header", "a whole number of bytes, at most 1e9");
  s.cluster.wire.header = static_cast<std::uint64_t>(header);
  s.round.wire = in.choice("wire", "float32", {"float32", "float64"}, "how real numbers travel") == "float32"
                     ? Wire::float32
                     : Wire::float64;
  s.cluster.wire.skip_notice =
      in.flag("skip_notice", true, "a silent worker says so with a header; else the server knows for free");
  s.cluster.only_simgrid =
      in.choice("solver", "auto", {"auto", "simgrid"},
                "who finds how long a round takes; auto: Laconic itself, where a star makes it easy, to the same "
                "digits") == "simgrid";
  in.finish("the network");
}

void read_platform(Scenario& s, int M, const fs::path& folder) {
  Params in = block(s, "platform");
  std::vector<std::size_t> racks;
  std::vector<ProfileFile> profiles;
  std::optional<Survey> stated;
  std::vector<std::string> names{"none"};
  for (const auto& entry : topologies()) names.emplace_back(entry.name);
  const auto type = in.choice("type", {}, names, "the topology; none: no network, no time");
  for (const auto& entry : topologies())
    if (type == entry.name)
      s.cluster.platform = entry.read(in, {M, folder, s.cluster.network, &racks, &profiles, &stated});
  for (const auto& profile : profiles) add_profile(s.cluster.conditions, profile);
  if (const json* watts = in.look("watts", "none", "an object", "what hosts and links draw")) {
    if (type == "none") in.refuse("watts", "a scenario without a network has no hosts");
    if (*watts == "file" && type != "file") in.refuse("watts", "\"file\" means the properties of SimGrid's XML");
    if (*watts == "file") {
      s.cluster.conditions.energy = Conditions::Energy{};
      s.cluster.conditions.energy->from_file = true;
    } else {
      Params own(*watts, s.file, "/platform/watts");
      s.cluster.conditions.energy = read_watts(own);
    }
    s.cluster.conditions.energy->where = in.where("watts");
  }
  in.finish(type == "none" ? "a scenario without a network" : fmt::format("the {}", type));
  s.cluster.collective = read_collective(s.source, s.file, std::move(racks));
  if (!s.cluster.platform) return;
  const std::string where = s.file + ": /platform";
  if (stated) {
    check(*stated, where);
    s.cluster.star = star_view(*stated);
    if (s.cluster.has_closed_form()) return;
  }
  // What only building shows.
  const Survey built = survey(s.cluster.platform, *s.cluster.network, where);
  s.cluster.star = star_view(built);
  if (auto& energy = s.cluster.conditions.energy) {
    energy->server_name = built.server.name;
    for (const auto& worker : built.workers) energy->worker_names.insert(worker.name);
  }
  if (s.cluster.collective)
    check_routes(*s.cluster.collective, M, s.cluster.platform, *s.cluster.network, s.file + ": /collective");
}

void read_conditions(Scenario& s, int M, const fs::path& folder) {
  Conditions of_platform = std::move(s.cluster.conditions);
  Conditions& conditions = s.cluster.conditions = {};
  const bool given = s.source.contains("conditions");
  if (given) {
    if (!s.cluster.platform)
      throw InputError(fmt::format("{}: /conditions: a scenario without a network has none", s.file));
    Params in = block(s, "conditions");
    conditions = network::read_conditions(in, M, *s.cluster.network, folder);
  }
  conditions.energy = std::move(of_platform.energy);
  std::move(of_platform.failures.begin(), of_platform.failures.end(), std::back_inserter(conditions.failures));
  std::move(of_platform.changes.begin(), of_platform.changes.end(), std::back_inserter(conditions.changes));
  if (conditions.can_fail() && s.cluster.collective)
    throw InputError(
        fmt::format("{}: {}: failures and deadlines are for the collective \"parameter-server\" alone: the "
                    "others need everybody",
                    s.file, given ? "/conditions" : "/platform"));
  if (conditions.energy || conditions.can_fail() || conditions.vary())
    check_simulation(s.cluster, fmt::format("{}: /conditions", s.file));
}

void read_record(Scenario& s, bool has_optimum) {
  Params record = block(s, "record");
  RecordRules& rules = s.record;
  rules.every = record.count("every", 1, 1, "rounds from one row to the next");
  const json* metrics = record.look("metrics", "loss, loss_gap (if min f is known), grad_norm", "a list of metrics",
                                    "what the rows hold");
  for (int i = 0; i < metric_count; ++i) {
    rules.metrics[i] = metrics ? metrics->end() != std::find(metrics->begin(), metrics->end(), metric_names[i])
                               : i != static_cast<int>(Metric::accuracy);
  }
  if (!metrics && !has_optimum) rules.metrics[static_cast<int>(Metric::loss_gap)] = false;
  record.finish("record");

  Params stop = block(s, "stop");
  rules.rounds = stop.count("rounds", {}, 1, "stop after so many rounds");
  if (stop.has("sim_time"))
    rules.sim_time = quantity(stop, "sim_time", nullptr, Unit::time, "stop at this simulated time");
  if (rules.sim_time == 0.0) stop.fail("sim_time", "a positive time");
  if (rules.sim_time && s.source["platform"]["type"] == "none")
    stop.refuse("sim_time", "a scenario without a network has no simulated time");
  if (stop.has("upload_bits")) rules.upload_bits = stop.number("upload_bits", {}, positive, "stop after so many bits");
  for (int i = 0; i < metric_count; ++i) {
    if (!stop.has(metric_names[i])) continue;
    rules.stop_at.push_back(
        {static_cast<Metric>(i), stop.number(metric_names[i], {}, any_number, "stop when reached")});
  }
  stop.finish("stop");
  rules.watch = rules.stop_at;
}

// The rows hold what claims read, and the summary reports when their targets were reached.
void watch_claims(Scenario& s) {
  std::vector<std::string> labels;
  for (const auto& algorithm : s.algorithms) labels.push_back(algorithm.label);
  s.claims = read_claims(s.source, s.file, labels);
  for (const Claim& claim : s.claims) {
    s.record.metrics[static_cast<int>(Metric::loss)] = true;  // whether it diverged
    for (int i = 0; i < metric_count; ++i)
      if (claim.metric == metric_names[i]) s.record.metrics[i] = true;
    if (!claim.to || !claim.to->target) continue;
    const Target target{*claim.to->target, claim.to->value};
    auto& watch = s.record.watch;
    if (std::find(watch.begin(), watch.end(), target) == watch.end()) watch.push_back(target);
  }
}

void read_algorithms(Scenario& s) {
  const auto names = names_of(methods::methods());
  std::set<std::string> labels;
  std::string mistakes;
  for (std::size_t i = 0; i < s.source["algorithms"].size(); ++i) {
    try {
      const json& entry = s.source["algorithms"][i];
      const auto pointer = fmt::format("/algorithms/{}", i);
      Params in(entry, s.file, pointer);
      const auto method = in.choice("method", {}, names, "the algorithm");
      const auto label = in.text("label", method, "a name", "what the results call it");
      if (!labels.insert(label).second)
        throw InputError(fmt::format("{}: {}: a second algorithm called {}: give it a \"label\" of its own", s.file,
                                     pointer, shown(label)));
      s.algorithms.push_back({label, method, pointer, entry});
      const Method made = s.make_method(s.algorithms.size() - 1);
      if (!s.cluster.collective) continue;
      if (const auto refusal = refused(*s.cluster.collective, made.uploads))
        throw InputError(fmt::format("{}: {}/{}: {}", s.file, pointer, refusal->key, refusal->why));
    } catch (const InputError& e) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
}

// All of a scenario that says how messages travel.
Scenario open(json source, const std::string& file, const fs::path& folder) {
  check_schema(source, file);
  if (inline_platform(source, file, folder)) check_schema(source, file);
  Scenario s;
  s.source = std::move(source);
  s.file = file;
  s.name = s.source["name"];
  s.seed = s.source.value("seed", std::uint64_t{1});
  s.batches = s.source.value("batches", "uniform");
  const int M = s.source["workers"];
  read_network(s);
  read_platform(s, M, folder);
  read_conditions(s, M, folder);
  return s;
}

bool wants_gap(const json& source) {
  const auto names_gap = [](const json& in, const char* key) {
    return in.contains(key) && in[key].contains("loss_gap");
  };
  if (names_gap(source, "stop") || claims_name_gap(source)) return true;
  const json record = source.value("record", json::object());
  return record.contains("metrics") &&
         std::find(record["metrics"].begin(), record["metrics"].end(), "loss_gap") != record["metrics"].end();
}

}  // namespace

Method Scenario::make_method(std::size_t i) const {
  const AlgorithmEntry& algorithm = algorithms[i];
  Constants constants{
      {"M", problem.M()}, {"d", static_cast<double>(problem.d)}, {"K", static_cast<double>(record.rounds)}};
  if (problem.smooth()) {
    constants["L"] = problem.L;
    constants["L_max"] = problem.L_max();
  }
  Params in(algorithm.entry, file, algorithm.pointer, constants);
  in.ignore("method");
  in.ignore("label");
  Setup setup{problem, round, batches};
  setup.late = cluster.conditions.late;
  Method method = find(methods::methods(), algorithm.method)->make(setup, in);
  in.finish(algorithm.method);
  return method;
}

Scenario make_scenario(json source, const std::string& file, const fs::path& folder, bool optimum) {
  Scenario s = open(std::move(source), file, folder);
  const ProblemPlan plan = read_problem(s, folder);
  const bool gap_named = wants_gap(s.source);
  if (gap_named && !plan.no_optimum.empty()) throw InputError(fmt::format("{}: {}", file, plan.no_optimum));
  read_record(s, plan.no_optimum.empty());
  build_problem(s, plan, folder, s.source["workers"], s.record.needs(Metric::loss_gap) || gap_named, optimum);
  s.round.d = s.problem.d;
  if (s.round.wire == Wire::float64) remember_gradients(s.problem);
  s.round.seed = s.seed;
  s.round.compress_flops_per_entry = s.source.value("compress_flops_per_entry", 0.0);
  read_algorithms(s);
  watch_claims(s);
  if (s.record.needs(Metric::accuracy) && !s.problem.accuracy)
    throw InputError(fmt::format("{}: /problem/type: {} classifies nothing: it has no accuracy", s.file,
                                 shown(s.source["problem"]["type"])));
  return s;
}

ClusterPlan read_cluster(json source, const std::string& file, const fs::path& folder) {
  return open(std::move(source), file, folder).cluster;
}

Scenario make_outline(json source, const std::string& file, const fs::path& folder, bool has_optimum) {
  Scenario s = open(std::move(source), file, folder);
  read_record(s, has_optimum);
  for (std::size_t i = 0; i < s.source["algorithms"].size(); ++i) {
    const json& entry = s.source["algorithms"][i];
    const std::string method = entry["method"];
    s.algorithms.push_back({entry.value("label", method), method, fmt::format("/algorithms/{}", i), entry});
  }
  watch_claims(s);
  return s;
}

json read_source(const fs::path& file, const ScenarioOptions& options) {
  json source = read_json(file);
  if (source.is_object() && source.contains("full")) {
    check_schema(source, file.string());
    json full = source;
    full.erase("full");
    for (const auto& [pointer, value] : source["full"].items())
      if (pointer.starts_with('/'))
        set_at(full, pointer, value, fmt::format("{}: /full: \"{}\"", file.string(), pointer));
    check_schema(full, file.string() + ": with \"full\"");
    if (options.full) source = std::move(full);
  }
  for (const auto& assignment : options.set) apply_set(source, assignment);
  if (options.seed && source.is_object()) source["seed"] = *options.seed;
  return source;
}

Scenario load_scenario(const fs::path& file, const ScenarioOptions& options) {
  Scenario s = make_scenario(read_source(file, options), file.string(), file.parent_path(), options.optimum);
  check_claim_points(s.source, s.file);
  return s;
}

}  // namespace laconic::scenario
