#include "algorithms/methods/compose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/compressors/by_layer.hpp"
#include "algorithms/data/sampler.hpp"
#include "algorithms/methods/registry.hpp"

namespace laconic::methods {

using namespace data;
using namespace compressors;
using namespace aggregators;

namespace {

// The part a slot is filled with: the entry's, or the method's own.
template <class Entry>
const Entry& chosen(Params& in, const char* slot, const std::string& fallback, std::span<const Entry> table,
                    const char* meaning, const char* fallback_words = nullptr) {
  return *find(table, in.part_name(slot, fallback, names_of(table), meaning, fallback_words));
}

template <class Part>
PerWorker<Part> make(const PartEntry<Part>& entry, const char* slot, const Setup& setup, Params& in) {
  Params own = in.part(slot);
  if constexpr (std::is_same_v<Part, Compressor>)
    return compressor_of(entry, setup, own);
  else
    return entry.make(setup, own);
}

std::optional<LocalSteps> read_local_steps(const Setup& s, Params& in, bool named) {
  const char* meaning =
      "gradient steps of a worker between two messages; it sends how far it moved, and the server steps by 1";
  if (named) return LocalSteps{in.count("H", {}, 1, meaning), s.step};
  if (!in.look("local_steps", "none", "a whole number, 1 or more", meaning)) return {};
  return LocalSteps{in.count("local_steps", {}, 1, meaning), s.step};
}

// What the slots hold, by name and as one copy of each part, to see whether they go together.
struct Choice {
  const char *compressor, *trigger, *participation, *memory, *aggregate, *update;
  const Compressor& codec;
  const Trigger& rule;
  const Participation& server_rule;
  const Memory& keeps;
  const Aggregator& aggregator;
  bool local, own_step;
};

void refuse_lazy_mixes(Params& in, const Choice& c) {
  if (c.rule.lazy() && c.server_rule.lazy())
    in.refuse("trigger",
              fmt::format("\"{}\" judges by every round's model, which participation \"{}\" does not send to "
                          "all workers: choose one of the two",
                          c.trigger, c.participation));
  if (c.local && (c.rule.compares_gradients() || c.server_rule.postscript(0)))
    in.refuse(in.has("local_steps") ? "local_steps" : "H",
              fmt::format("\"{}\" compares gradients at two models, and after local steps a worker has none to compare",
                          c.rule.compares_gradients() ? c.trigger : c.participation));
  const auto shift = c.keeps.shift();
  if (shift && *shift < 1 && (c.rule.lazy() || c.server_rule.lazy()))
    in.refuse("memory", fmt::format("\"{}\" keeps a part only of what was sent, which cannot stand for a silent worker",
                                    c.memory));
  if (c.server_rule.clients() && (shift || c.rule.lazy()))
    in.refuse("participation",
              fmt::format("\"{}\" averages those who take part, and {} \"{}\" would count the others' old "
                          "vectors with them",
                          c.participation, shift ? "memory" : "trigger", shift ? c.memory : c.trigger));
}

// Under deadlines an upload may be late or lost. Its worker is told (Worker::settle), so that its own memories stay
// right; what the server holds must be right without it.
void refuse_deadline_mixes(const Setup& s, Params& in, const Choice& c) {
  if (s.late == Late::wait) return;
  const auto refuse = [&](const char* slot, const char* part, const char* why) {
    refuse_deadlines(s, in, fmt::format("{} \"{}\" {}", slot, part, why));
  };
  if (c.aggregator.votes())
    refuse("aggregate", c.aggregate,
           "sends its vote to copies of the model at the workers, and one that misses it "
           "computes with another model for ever");
  if (c.server_rule.lazy()) refuse("participation", c.participation, "takes for granted that whom it asks answers");
  const auto shift = c.keeps.shift();
  if (shift && *shift < 1)
    refuse("memory", c.memory, "keeps a part only of what was sent, which cannot stand for a worker that is late");
  if (s.late == Late::reuse && c.server_rule.clients())
    refuse(
        "participation", c.participation,
        "averages those who take part, and \"reuse\" would count the others' old vectors with them: choose \"drop\"");
  if (s.late == Late::drop && (shift || c.rule.lazy()))
    refuse(shift ? "memory" : "trigger", shift ? c.memory : c.trigger,
           "makes the server reuse old vectors, which it cannot do without: choose \"reuse\"");
}

void refuse_vote_mixes(Params& in, const Choice& c) {
  if (c.own_step && !c.aggregator.votes())
    in.refuse("update", fmt::format("\"{}\" steps along a vote, which aggregate \"{}\" is not", c.update, c.aggregate));
  if (!c.aggregator.votes()) return;
  if (!c.codec.votes())
    in.refuse("aggregate", fmt::format("\"{}\" counts signs: compressor \"{}\" sends more", c.aggregate, c.compressor));
  const bool sampled = c.server_rule.lazy() || c.server_rule.clients();
  if (c.rule.lazy() || sampled || c.keeps.shift())
    in.refuse("aggregate",
              fmt::format("\"{}\" counts every worker's signs in every round: {} \"{}\" has none to count", c.aggregate,
                          c.rule.lazy() ? "trigger"
                          : sampled     ? "participation"
                                        : "memory",
                          c.rule.lazy() ? c.trigger
                          : sampled     ? c.participation
                                        : c.memory));
  if (in.has("downlink"))
    in.refuse("downlink", fmt::format("aggregate \"{}\" sends its vote down, and no model", c.aggregate));
}

// What collectives other than the parameter server may do with it.
Summation summation_of(const Choice& c, const Setup& s, bool reuses_latest, std::size_t postscripts,
                       std::shared_ptr<const Compressor> codec) {
  Summation out;
  if (c.server_rule.lazy() || c.server_rule.clients())
    out.some_take_part = {"participation", fmt::format("\"{}\" leaves workers out", c.participation)};
  const bool votes = c.aggregator.votes();
  const Adds adds = votes ? Adds::signs : codec->adds();
  if (adds == Adds::not_at_all)
    out.no_sum = {"compressor", fmt::format("the sum of \"{0}\" messages is no \"{0}\" message", c.compressor)};
  else if (reuses_latest)
    out.no_sum = {c.rule.lazy() ? "trigger" : "participation",
                  fmt::format("for a silent worker, which \"{}\" allows, the server reuses its latest vector, and in a "
                              "sum these are not held apart (memory \"difference\" needs their sum alone)",
                              c.rule.lazy() ? c.trigger : c.participation)};
  else if (c.rule.lazy() && (adds == Adds::signs || adds == Adds::drawn))
    out.no_sum = {"trigger", fmt::format("\"{}\" leaves open who sends, without which a sum of \"{}\" messages cannot "
                                         "be read",
                                         c.trigger, c.compressor)};
  if (out.no_sum) return out;
  const int numbers = static_cast<int>(postscripts) + (c.aggregator.scaled() ? 1 : 0);
  out.code = [code = SumCode{adds, s.d(), bits_of(s.round.wire), 1, numbers}](Round) { return code; };
  out.entries = entries_of(std::move(codec), s.round);
  return out;
}

}  // namespace

PerWorker<Sampler> make_sampler(const Setup& s, Params& in, bool stochastic) {
  Index smallest = s.problem.workers.front()->samples();
  for (const auto& f_m : s.problem.workers) smallest = std::min(smallest, f_m->samples());
  const auto samples = [&problem = s.problem](int m) {
    return problem.workers[static_cast<std::size_t>(m)]->samples();
  };
  if (!stochastic && !in.look("batch", "all samples", "a whole number, 1 or more", "samples of each gradient")) {
    if (in.has("batches")) in.refuse("batches", "says how a mini-batch is drawn, and this entry has no \"batch\"");
    return [samples](int m) { return full_batches(samples(m)); };
  }
  const Index b = in.count("batch", {}, 1, "samples of each gradient");
  if (b > smallest) in.fail("batch", fmt::format("at most the {} samples of the smallest worker", smallest));
  const bool cyclic =
      in.choice("batches", s.batches, {"uniform", "cyclic"},
                "drawn at random without replacement, or the next ones in the worker's order") == "cyclic";
  return [=, seed = s.round.seed](int m) {
    return cyclic ? cyclic_batches(samples(m), b) : uniform_batches(samples(m), b, seed, m);
  };
}

Vector make_start(const Setup& s, Params& in) {
  const auto* start =
      in.look("start", "0", "a number, or a list of d numbers", "theta^0; one number fills all entries");
  if (!start) return s.problem.start.size() > 0 ? s.problem.start : Vector::Zero(s.d());
  if (start->is_number()) return Vector::Constant(s.d(), start->get<double>());
  if (!start->is_array() || static_cast<Index>(start->size()) != s.d())
    in.fail("start", fmt::format("a number, or a list of d = {} numbers", s.d()));
  Vector theta(s.d());
  for (Index i = 0; i < s.d(); ++i) {
    const auto& entry = (*start)[static_cast<std::size_t>(i)];
    if (!entry.is_number()) in.fail("start", fmt::format("a number, or a list of d = {} numbers", s.d()));
    theta[i] = entry.get<double>();
  }
  return theta;
}

PerWorker<Compressor> make_compressor(const Setup& s, Params& in, const char* slot, const char* fallback,
                                      const char* meaning) {
  return make(chosen(in, slot, fallback, compressors(), meaning), slot, s, in);
}

Method compose(Setup s, Params& in, const Slots& slots) {
  s.unbiased = slots.unbiased;
  const auto& update = chosen(in, "update", slots.update, updates(), "the server's step");
  const bool own_step = std::string_view(update.name) == "mh-adaptive";
  if (!own_step)
    s.step = read_schedule(in, "step", slots.step, "step size gamma_k of the server's update");
  else if (in.has("step"))
    in.refuse("step", fmt::format("update \"{}\" finds its own step", update.name));
  const auto samplers = make_sampler(s, in, slots.stochastic);
  const auto local = read_local_steps(s, in, slots.local);
  const double momentum = in.number("momentum", slots.momentum, {"a number from 0 to below 1", 0, 1, false, true},
                                    "of the worker: v = momentum v + (1 - momentum) g is sent in place of g");

  const auto& compressor =
      chosen(in, "compressor", slots.compressor, compressors(), "how a worker's vector is encoded for the way up");
  const auto& trigger = chosen(in, "trigger", slots.trigger, triggers(), "whether a worker uploads: its own say");
  const auto& participation =
      chosen(in, "participation", slots.participation, participations(), "who takes part in a round: the server's say");
  const auto compressor_parts = make(compressor, "compressor", s, in);
  const auto trigger_parts = make(trigger, "trigger", s, in);
  auto server_rule = make(participation, "participation", s, in)(0);
  auto codec = compressor_parts(0);
  const auto rule = trigger_parts(0);
  s.omega = codec->omega();
  s.clients = server_rule->clients().value_or(s.M());

  const bool lazy = rule->lazy() || server_rule->lazy();
  const bool reused = lazy || s.late == Late::reuse;
  const bool differences = codec->innovation() || (lazy && !codec->lossy());
  const auto& memory = chosen(in, "memory",
                              slots.memory  ? slots.memory
                              : differences ? "difference"
                                            : "none",
                              memories(), "what a worker keeps to repair its compression");
  const auto memory_parts = make(memory, "memory", s, in);
  const auto keeps = memory_parts(0);
  const auto shift = keeps->shift();
  const Reuse reuse = shift ? Reuse{Reuse::Kind::running, *shift} : reused ? Reuse{Reuse::Kind::latest} : Reuse{};
  const bool mean = local || s.problem.objective == Reduction::mean;
  const auto& aggregate = chosen(in, "aggregate",
                                 slots.aggregate ? slots.aggregate
                                 : mean          ? "mean"
                                                 : "sum",
                                 aggregates(), "what the server makes of the workers' vectors",
                                 slots.aggregate || local ? nullptr : "the objective's");
  auto aggregator = aggregate.make(s, reuse);

  const Choice choice{compressor.name, trigger.name, participation.name, memory.name, aggregate.name, update.name,
                      *codec,          *rule,        *server_rule,       *keeps,      *aggregator,    local.has_value(),
                      own_step};
  refuse_lazy_mixes(in, choice);
  refuse_vote_mixes(in, choice);
  refuse_deadline_mixes(s, in, choice);

  Setup applied = s;  // where the step is a worker's business, the server's is 1
  if (local || keeps->applies_step()) applied.step = Schedule{};
  const auto update_parts = make(update, "update", applied, in);
  auto server_update = update_parts(0);
  PerWorker<Compressor> downlink_parts = [](int) { return nullptr; };
  if (!aggregator->votes())
    downlink_parts = make_compressor(s, in, "downlink", slots.downlink, "how the model is encoded for the way down");
  auto downlink = downlink_parts(0);

  const Vector start = make_start(s, in);
  Method method;
  const auto beneath = server_update->postscript(0);
  method.uploads =
      summation_of(choice, s, reuse.kind == Reuse::Kind::latest, beneath ? beneath->count() : 0, compressor_parts(0));
  if (downlink && downlink->lossy()) method.uploads.no_copies = {"downlink", "it compresses a model on its way down"};
  if (local) method.local_steps = local->H;
  for (int m = 0; m < s.M(); ++m) {
    WorkerParts parts{.oracle = s.problem.workers[static_cast<std::size_t>(m)].get(),
                      .sampler = samplers(m),
                      .local = local,
                      .momentum = momentum,
                      .memory = memory_parts(m),
                      .trigger = trigger_parts(m),
                      .compressor = compressor_parts(m),
                      .postscripts = {},
                      .downlink = downlink_parts(m),
                      .scaled_vote = aggregator->scaled(),
                      .update = downlink ? nullptr : update_parts(m)};
    for (const PostscriptReader* reader : {static_cast<const PostscriptReader*>(server_rule.get()),
                                           static_cast<const PostscriptReader*>(server_update.get())})
      if (auto postscript = reader->postscript(m)) parts.postscripts.push_back(std::move(postscript));
    method.workers.push_back(make_worker(m, std::move(parts), start, s.round));
  }
  method.server = make_server({.participation = std::move(server_rule),
                               .aggregator = std::move(aggregator),
                               .update = std::move(server_update),
                               .compressor = std::move(codec),
                               .downlink = std::move(downlink)},
                              start, s.round);
  return method;
}

}  // namespace laconic::methods
