#include "sim/scenario/read_problem.hpp"

#include <fmt/format.h>

#include <map>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/data/load.hpp"
#include "algorithms/data/partition.hpp"
#include "platforms/quantity.hpp"
#include "sim/scenario/check_memory.hpp"

namespace laconic::scenario {

using namespace data;
using namespace problems;

namespace {

std::string data_digest(const Dataset& data) {
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

DataFacts facts_of(const LoadedData& data, const ChosenData& chosen, const Vector& labels, const Partition& partition) {
  const Dataset& train = data.train;
  DataFacts out;
  out.name = train.name;
  if (!chosen.missing.empty())
    out.stand_in = fmt::format("{} in place of {}, which {} not there", train.name, fmt::join(chosen.missing, " and "),
                               chosen.missing.size() > 1 ? "are" : "is");
  out.samples = train.samples();
  out.features = train.features();
  out.stored = train.stored();
  out.test_samples = data.test ? data.test->samples() : 0;
  out.sparse = std::holds_alternative<SparseRows>(train.x);
  out.digest = data_digest(train);
  count_labels(out, train, labels, partition);
  return out;
}

ProblemAndData build_alone(const Source& source, const ProblemPlan& plan) {
  if (source.json.contains("data"))
    throw InputError(fmt::format("{}: /data: the {} problem has none", source.file,
                                 source.json["problem"]["type"].get<std::string>()));
  const int M = source.workers();
  if (plan.learns)
    check_memory(
        algorithm_bytes(plan.d, M) + 8.0 * static_cast<double>(plan.d) * (plan.vectors + plan.vectors_of_worker * M),
        plan.d, M, source.file + ": /problem");
  ProblemAndData out;
  out.problem = plan.make_alone(source.workers(), source.seed());
  out.data.name = "no data";
  return out;
}

}  // namespace

ProblemPlan read_problem(const Source& source) {
  Params in = source.block("problem");
  const auto type = in.choice("type", {}, names_of(problems::problems()), "the loss");
  const ProblemEntry& entry = *find(problems::problems(), type);
  ProblemPlan plan = entry.read(in, {source.seed(), source.folder, [](const nlohmann::json& value) {
                                       const auto seconds = platforms::quantity_of(value, platforms::Unit::time);
                                       return seconds && *seconds >= 0 ? seconds : std::nullopt;
                                     }});
  in.finish(fmt::format("the {} problem", entry.name));
  return plan;
}

ProblemAndData build_problem(const Source& source, const ProblemPlan& plan, Optimum optimum) {
  if (plan.make_alone) return build_alone(source, plan);
  if (!source.json.contains("data"))
    throw InputError(fmt::format("{}: /: missing \"data\": expected an object", source.file));
  const int M = source.workers();
  const ChosenData chosen = choose_data(source.json["data"], source.file, source.folder);
  Params in(*chosen.block, source.file, chosen.pointer);
  in.ignore("otherwise");
  const auto load = read_data(in, {M, source.seed(), plan.law, source.folder});
  // The keys are known before the partition can check itself against the data: no file is read for a slip of the pen.
  const AfterSplit finish_shards = read_after_split(in, M, plan.law);
  const auto reader = fmt::format("the {} data", (*chosen.block)["type"].get<std::string>());
  in.finish(reader);
  LoadedData data = load();
  const Vector labels = data.train.y;  // the labels as the data have them, before they are made classes
  plan.prepare(data.train, data.test ? &*data.test : nullptr);
  const Partition partition = make_partition(in, data.train.y, M, source.seed());
  in.finish(reader);

  ProblemAndData out;
  out.data = facts_of(data, chosen, labels, partition);
  const double copy = (out.data.sparse ? 12.0 : 8.0) * static_cast<double>(out.data.stored);
  check_memory(copy + algorithm_bytes(out.data.features, M), out.data.features, M, source.file + ": /data");
  const bool cheap = plan.no_optimum.empty() && data.train.features() <= plan.cheap_features;
  Samples samples{split(data.train, partition), std::move(data.test)};
  data.train = {};  // each worker has its own
  finish_shards(samples.shards);
  out.problem = plan.make(std::move(samples), optimum == Optimum::yes || (optimum == Optimum::if_cheap && cheap));
  return out;
}

}  // namespace laconic::scenario
