#include "algorithms/methods/compatible.hpp"

#include <fmt/format.h>

namespace laconic::methods {
namespace {

// A slot and the part in it, to word a message.
struct Culprit {
  const char *slot, *part;
};

// Whoever leaves workers silent: the trigger, if it does.
Culprit leaves_out(const Slots& s) {
  if (s.trigger.part->lazy()) return {"trigger", s.trigger.name};
  return {"participation", s.participation.name};
}

// Whoever makes the server reuse old vectors: the memory, if it does.
Culprit reuses(const Slots& s) {
  if (s.memory.part->shift()) return {"memory", s.memory.name};
  return {"trigger", s.trigger.name};
}

// A memory that adds a part only of what was sent.
bool learns_slowly(const Memory& memory) {
  const auto shift = memory.shift();
  return shift && *shift < 1;
}

void refuse_lazy_mixes(Params& in, const Slots& s) {
  const bool lazy_trigger = s.trigger.part->lazy(), lazy_server = s.participation.part->lazy();
  if (lazy_trigger && lazy_server)
    in.refuse("trigger",
              fmt::format("\"{}\" judges by every round's model, which participation \"{}\" does not send to "
                          "all workers: choose one of the two",
                          s.trigger.name, s.participation.name));
  const bool compares = s.trigger.part->compares_gradients();
  if (s.local && (compares || s.participation.part->side_values(0)))
    in.refuse(in.has("local_steps") ? "local_steps" : "H",
              fmt::format("\"{}\" compares gradients at two models, and after local steps a worker has none to compare",
                          compares ? s.trigger.name : s.participation.name));
  if (learns_slowly(*s.memory.part) && s.lazy())
    in.refuse("memory", fmt::format("\"{}\" keeps a part only of what was sent, which cannot stand for a silent worker",
                                    s.memory.name));
  if (s.participation.part->clients() && (s.memory.part->shift() || lazy_trigger)) {
    const auto [slot, part] = reuses(s);
    in.refuse("participation",
              fmt::format("\"{}\" averages those who take part, and {} \"{}\" would count the others' old "
                          "vectors with them",
                          s.participation.name, slot, part));
  }
}

void refuse_vote_mixes(Params& in, const Slots& s) {
  if (s.finds_own_step && !s.votes())
    in.refuse("update",
              fmt::format("\"{}\" steps along a vote, which aggregate \"{}\" is not", s.update.name, s.aggregate.name));
  if (!s.votes()) return;
  if (!s.compressor.part->votes())
    in.refuse("aggregate",
              fmt::format("\"{}\" counts signs: compressor \"{}\" sends more", s.aggregate.name, s.compressor.name));
  const bool silent = s.lazy() || s.participation.part->clients();
  if (silent || s.memory.part->shift()) {
    const auto [slot, part] = silent ? leaves_out(s) : reuses(s);
    in.refuse("aggregate", fmt::format("\"{}\" counts every worker's signs in every round: {} \"{}\" has none to count",
                                       s.aggregate.name, slot, part));
  }
  if (in.has("downlink"))
    in.refuse("downlink", fmt::format("aggregate \"{}\" sends its vote down, and no model", s.aggregate.name));
}

// A step that the workers take is part of what they send. Whoever makes the same of every size of it ignores the step.
void refuse_lost_steps(Params& in, const Slots& s) {
  if (!s.local && !s.memory.part->applies_step()) return;
  const std::string sent = s.local ? std::string("local steps have") : fmt::format("memory \"{}\" has", s.memory.name);
  const auto refuse = [&](const char* slot, const char* part, const char* why) {
    in.refuse(slot, fmt::format("\"{}\" {}: {} the step size in what a worker sends, which would have no effect", part,
                                why, sent));
  };
  if (s.update.part->normalises()) refuse("update", s.update.name, "divides what arrives by its size");
  if (s.finds_own_step) refuse("update", s.update.name, "finds its own step");
  if (s.votes() && !s.aggregate.part->scaled()) refuse("aggregate", s.aggregate.name, "counts signs alone");
  if (s.compressor.part->forgets_size()) refuse("compressor", s.compressor.name, "sends signs alone");
}

// Under deadlines an upload may be late or lost. Its worker is told (Worker::upload_decided), so that its own memories
// stay right; what the server holds must be right without it.
void refuse_deadline_mixes(const Setup& scenario, Params& in, const Slots& s) {
  if (scenario.late == Late::wait) return;
  const auto refuse = [&](Culprit culprit, const char* why) {
    refuse_deadlines(scenario, in, fmt::format("{} \"{}\" {}", culprit.slot, culprit.part, why));
  };
  const Culprit participation{"participation", s.participation.name}, memory{"memory", s.memory.name};
  if (s.votes())
    refuse({"aggregate", s.aggregate.name},
           "sends its vote to copies of the model at the workers, and one that misses it "
           "computes with another model for ever");
  if (s.participation.part->lazy()) refuse(participation, "takes for granted that whom it asks answers");
  if (learns_slowly(*s.memory.part))
    refuse(memory, "keeps a part only of what was sent, which cannot stand for a worker that is late");
  if (scenario.late == Late::reuse && s.participation.part->clients())
    refuse(
        participation,
        "averages those who take part, and \"reuse\" would count the others' old vectors with them: choose \"drop\"");
  if (scenario.late == Late::drop && (s.memory.part->shift() || s.trigger.part->lazy()))
    refuse(reuses(s), "makes the server reuse old vectors, which it cannot do without: choose \"reuse\"");
}

}  // namespace

void refuse_default_step(Params& in, const Defaults& defaults, const Slots& s) {
  if (in.has("step") || s.finds_own_step || defaults.step != "1/L") return;
  const auto refuse = [&](Culprit culprit, const char* why) {
    in.refuse("step",
              fmt::format("missing: the default, 1/L, suits gradients, and {} \"{}\" {}: give a number, such as "
                          "0.001",
                          culprit.slot, culprit.part, why));
  };
  if (s.update.part->normalises()) refuse({"update", s.update.name}, "divides them by their size");
  if (s.local && s.local_update.part->normalises())
    refuse({"local_update", s.local_update.name}, "divides them by their size");
  if (s.memory.part->normalises()) refuse({"memory", s.memory.name}, "divides them by their size");
  if (s.votes() && !s.aggregate.part->scaled()) refuse({"aggregate", s.aggregate.name}, "counts signs alone");
  if (s.compressor.part->forgets_size()) refuse({"compressor", s.compressor.name}, "sends signs alone");
}

void refuse_incompatible(const Setup& scenario, Params& in, const Slots& slots) {
  refuse_lazy_mixes(in, slots);
  refuse_vote_mixes(in, slots);
  refuse_lost_steps(in, slots);
  refuse_deadline_mixes(scenario, in, slots);
}

}  // namespace laconic::methods
