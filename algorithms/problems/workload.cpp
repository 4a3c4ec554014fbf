#include "algorithms/problems/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "algorithms/base/named_table.hpp"

namespace laconic::problems {
namespace {

using nlohmann::json;

constexpr Index most_parameters = 1'000'000'000'000;

// Vectors of so many numbers would not fit: whoever asks for one has not looked at Problem::workload.
class WorkloadOracle final : public Oracle {
 public:
  explicit WorkloadOracle(double flops) : flops_(flops) {}
  Index samples() const override { return 1; }
  void gradient(const Vector&, const Batch&, Vector&) const override { loss({}, {}, nullptr); }
  double loss(const Vector&, const Batch&, Vector*) const override {
    throw std::logic_error("a workload has neither loss nor gradient");
  }
  double flops(const Batch&) const override { return flops_; }

 private:
  double flops_;
};

std::optional<double> seconds_of(const json& value, const ProblemContext& context) {
  if (context.seconds) return context.seconds(value);
  return value.is_number() && value >= 0 ? std::optional(value.get<double>()) : std::nullopt;
}

// One of the user's layers.
class LayerReader {
 public:
  LayerReader(const json& layer, const Params& in, std::size_t i, const ProblemContext& context)
      : context_(context), in_(layer, in.file(), fmt::format("{}/{}", in.pointer_of("layers"), i)) {}

  ModelLayer read(std::vector<double>& seconds, std::vector<double>& backward) {
    ModelLayer out;
    out.name = in_.text("name", {}, "a name", "");
    out.shape = shape();
    if (in_.has("flops")) out.flops = in_.number("flops", {}, non_negative, "");
    if (in_.has("seconds")) {
      if (in_.has("flops")) in_.refuse("flops", "and \"seconds\" are two answers to one question: give one of them");
      seconds.push_back(time("seconds"));
      backward.push_back(in_.has("backward") ? time("backward") : 2.0 / 3 * seconds.back());
      if (backward.back() > seconds.back()) in_.fail("backward", "at most \"seconds\", of which it is a part");
    } else if (in_.has("backward")) {
      in_.refuse("backward", "is a part of \"seconds\", which this layer does not have");
    }
    in_.finish("a layer");
    return out;
  }

 private:
  double time(const char* key) {
    const auto* given = in_.look(key, "", "", "");
    const auto out = seconds_of(*given, context_);
    if (!out) in_.fail(key, "a time that is not negative");
    return *out;
  }

  std::vector<Index> shape() {
    constexpr const char* allowed = "a list of whole numbers, each 1 or more";
    const auto* given = in_.look("shape", "", "", "");
    if (!given || !given->is_array() || given->empty()) in_.fail("shape", allowed);
    std::vector<Index> out;
    double product = 1;
    for (const auto& one : *given) {
      if (!one.is_number_integer() || one < 1) in_.fail("shape", allowed);
      product *= one.get<double>();
      if (product > static_cast<double>(most_parameters)) in_.fail("shape", "at most 10^12 numbers");
      out.push_back(one.get<Index>());
    }
    return out;
  }

  const ProblemContext& context_;
  Params in_;
};

void read_layers(WorkloadOptions& out, Params& in, const json& given, const ProblemContext& context) {
  if (!given.is_array() || given.empty()) in.fail("layers", "a list of layers");
  std::vector<double> seconds, backward;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given[i].is_object()) in.fail("layers", "a list of objects");
    out.layers.push_back(LayerReader(given[i], in, i, context).read(seconds, backward));
  }
  if (seconds.empty()) return;
  if (seconds.size() < out.layers.size())
    in.refuse("layers", fmt::format("{} of {} layers have \"seconds\": give them to all, or to none", seconds.size(),
                                    out.layers.size()));
  for (const double one : seconds) out.seconds += one;
  double back = 0;
  for (const double one : backward) back += one;
  if (!(back > 0)) in.refuse("layers", "a backward pass that takes no time: give positive \"seconds\"");
  out.forward = 1 - back / out.seconds;
  out.backward = std::move(backward);
}

void read_model(WorkloadOptions& out, Params& in) {
  std::vector<std::string> names;
  for (const auto& model : named_models()) names.emplace_back(model.name);
  const std::string name = in.choice("model", "none", names, "a published network, by name; else \"layers\"");
  if (!in.has("model")) return;
  const NamedModel& model = *find(named_models(), name);
  const char *key = model.image ? "image" : "sequence", *other = model.image ? "sequence" : "image";
  if (in.has(other))
    in.refuse(other,
              fmt::format("a sample of {} is {}: say \"{}\"", name, model.image ? "an image" : "a sequence", key));
  const Index input = in.count(key, model.input, least_input(model), "", model.most_input);
  out.layers = model.layers(input);
}

}  // namespace

Problem make_workload(int M, const WorkloadOptions& o) {
  Problem p;
  p.objective = Reduction::mean;
  double flops = 0;
  for (std::size_t i = 0; i < o.layers.size(); ++i) {
    const ModelLayer& layer = o.layers[i];
    const Index rows = layer.shape.front();
    p.blocks.push_back(
        {layer.name, p.d, rows, layer.size() / rows, layer.shape, o.backward.empty() ? layer.flops : o.backward[i]});
    p.d += layer.size();
    flops += layer.flops;
  }
  for (int m = 0; m < M; ++m)
    p.workers.push_back(std::make_unique<WorkloadOracle>(3 * flops * static_cast<double>(o.batch)));
  p.forward = o.forward;
  p.workload = Workload{o.seconds};
  return p;
}

ProblemPlan workload(Params& in, const ProblemContext& context) {
  WorkloadOptions o;
  const auto* layers = in.look("layers", "none: those of \"model\"", "a list of {\"name\", \"shape\", \"flops\"}",
                               "tensors of parameters in order, and what they cost: \"flops\" of a sample's forward "
                               "pass, or \"seconds\" of a step, \"backward\" of them (2/3) in the backward pass");
  o.batch = in.count("batch", 1, 1, "samples of a worker's step", 1'000'000'000);
  in.look("image", "224", "a whole number, 32 or more", "of a model of images: pixels of a side");
  in.look("sequence", "the model's", "a whole number, 1 or more", "of a model of text: tokens of a sample");
  const auto* step_time = in.look("step_time", "what its flops take at the host's speed", "a positive time",
                                  "of a step, forward and backward, on any host, as you measured it");
  if (layers && in.has("model")) in.refuse("model", "has layers of its own: give either it or \"layers\"");
  if (layers) {
    for (const char* key : {"image", "sequence"})
      if (in.has(key)) in.refuse(key, "is for a \"model\": the flops of \"layers\" are of your input");
    read_layers(o, in, *layers, context);
  } else {
    read_model(o, in);
    if (o.layers.empty()) in.fail("model", "the name of a network (`laconic list models`), or \"layers\"");
  }
  if (step_time) {
    if (o.seconds > 0) in.refuse("step_time", "the layers' \"seconds\" say it already");
    const auto seconds = seconds_of(*step_time, context);
    if (!seconds || !(*seconds > 0)) in.fail("step_time", "a positive time, such as \"150ms\"");
    o.seconds = *seconds;
  }
  const bool costs = std::any_of(o.layers.begin(), o.layers.end(), [](const auto& l) { return l.flops > 0; });
  if (!costs && o.seconds == 0)
    in.refuse("layers",
              "nothing says how long a step takes: give \"flops\", \"seconds\", or a \"step_time\" beside them");
  ProblemPlan plan;
  for (const auto& layer : o.layers) plan.d += layer.size();
  if (plan.d > most_parameters) in.refuse("layers", "more than 10^12 parameters");
  plan.learns = false;
  plan.no_optimum = "/problem/type: a \"workload\" learns nothing, and has no loss_gap";
  plan.make_alone = [o](int M, std::uint64_t) { return make_workload(M, o); };
  return plan;
}

}  // namespace laconic::problems
