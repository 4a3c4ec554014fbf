#include "algorithms/methods/summation.hpp"

#include <fmt/format.h>

#include "algorithms/core/coding.hpp"
#include "algorithms/core/upload_parts.hpp"

namespace laconic::methods {
namespace {

// Why the server needs the uploads one by one, if it does.
std::optional<Refusal> no_sum(const Slots& s, Adds adds) {
  const bool lazy_trigger = s.trigger.part->lazy();
  if (adds == Adds::not_at_all)
    return Refusal{"compressor", fmt::format("the sum of \"{0}\" messages is no \"{0}\" message", s.compressor.name)};
  if (s.reuse.kind == aggregators::Reuse::Kind::latest)
    return Refusal{
        lazy_trigger ? "trigger" : "participation",
        fmt::format("for a silent worker, which \"{}\" allows, the server reuses its latest vector, and in a "
                    "sum these are not held apart (memory \"difference\" needs their sum alone)",
                    lazy_trigger ? s.trigger.name : s.participation.name)};
  if (lazy_trigger && (adds == Adds::signs || adds == Adds::drawn))
    return Refusal{"trigger", fmt::format("\"{}\" leaves open who sends, without which a sum of \"{}\" messages cannot "
                                          "be read",
                                          s.trigger.name, s.compressor.name)};
  return {};
}

// What makes an upload, or the decision to send it, depend on all of the gradient.
std::optional<Refusal> needs_all(const Setup& scenario, const Slots& s) {
  const auto looks = [](const char* key, const std::string& who, const char* at) {
    return Refusal{key, fmt::format("\"{}\" looks at {}", who, at)};
  };
  if (scenario.problem.layers().size() < 2) return Refusal{"method", "the model has one layer"};
  if (s.trigger.part->lazy()) return looks("trigger", s.trigger.name, "the whole gradient before it sends");
  if (s.participation.part->side_values(0)) return looks("participation", s.participation.name, "whole gradients");
  if (s.update.part->side_values(0)) return looks("update", s.update.name, "whole gradients");
  if (s.aggregate.part->scaled()) return looks("aggregate", s.aggregate.name, "the size of whole gradients");
  if (!s.compressor.part->entrywise() && s.compressor.part->bits_by_layer(scenario.round.wire).empty())
    return Refusal{"compressor",
                   fmt::format("\"{}\" looks at the whole vector (\"by_layer\": true makes parts)", s.compressor.name)};
  return {};
}

}  // namespace

Summation summation_of(const Setup& scenario, const Slots& s) {
  Summation out;
  if (auto whole = needs_all(scenario, s))
    out.in_one_piece = std::move(*whole);
  else
    out.parts =
        upload_parts(scenario.problem, s.compressor.part->bits_by_layer(scenario.round.wire), s.local ? s.local->H : 1);
  if (s.participation.part->lazy() || s.participation.part->clients())
    out.some_take_part = {"participation", fmt::format("\"{}\" leaves workers out", s.participation.name)};
  if (s.downlink.part && s.downlink.part->lossy())
    out.no_copies = {"downlink", "it compresses a model on its way down"};
  const Adds adds = s.votes() ? Adds::signs : s.compressor.part->adds();
  out.no_sum = no_sum(s, adds);
  if (out.no_sum) return out;
  const auto beneath = s.update.part->side_values(0);
  const int numbers = (beneath ? static_cast<int>(beneath->count()) : 0) + (s.aggregate.part->scaled() ? 1 : 0);
  if (scenario.problem.workload && (adds == Adds::entries || adds == Adds::drawn)) {
    out.no_sum = {"compressor", fmt::format("how long the sum of \"{}\" messages is depends on the entries that each "
                                            "worker names, which a workload does not know",
                                            s.compressor.name)};
    return out;
  }
  const SumCode code{adds, scenario.d(), bits_of(scenario.round.wire), 1, numbers};
  out.code = [code](Round) { return code; };
  out.entries = entries_of(s.compressor.make(0), scenario.round);
  return out;
}

std::function<void(Round k, int m, const Message& upload, std::vector<Index>& entries)> entries_of(
    const std::shared_ptr<const Compressor>& codec, const RoundOptions& options) {
  return
      [=, v = Vector(), ones = Message()](Round k, int m, const Message& upload, std::vector<Index>& entries) mutable {
        const Message* read = &upload;
        if (codec->adds() == Adds::drawn) {  // a drawn entry that happens to be 0 travels as well
          BitWriter out(ones, options.wire);
          for (std::uint64_t n = upload.bits / static_cast<std::uint64_t>(bits_of(options.wire)); n > 0; --n)
            out.real(1);
          read = &ones;
        }
        Rng rng = stream_of(options, static_cast<std::uint32_t>(m), k);
        BitReader in(*read, options.wire);
        codec->decode(in, rng, v);
        entries.clear();
        for (Index i = 0; i < v.size(); ++i)
          if (v[i] != 0) entries.push_back(i);
      };
}

}  // namespace laconic::methods
