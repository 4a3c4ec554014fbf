#include "algorithms/decentralised/send_rules.hpp"

#include "algorithms/base/named_table.hpp"

namespace laconic::decentralised {
namespace {

struct SendRuleEntry {
  const char* name;
  MakeSendRule (*make)(Params& in);
};

MakeSendRule always(Params&) {
  return [] { return std::make_unique<Always>(); };
}

MakeSendRule every(Params& in) {
  const Round H = in.count("H", {}, 1, "rounds from one message to the next");
  return [H] { return std::make_unique<Every>(H); };
}

MakeSendRule sparq(Params& in) {
  const Schedule c = read_schedule(in, "c", nullptr, "c_k: a node sends if ||h - xh||^2 > c_k gamma_k^2", non_negative);
  return [c] { return std::make_unique<SparqRule>(c); };
}

MakeSendRule lasg_graph(Params& in) {
  const double c = in.number("c", {}, non_negative, "a node sends if ||h - xh||^2 > (c/d_max) sum_d ||x moved||^2");
  const Round d_max = in.count("d_max", 10, 1, "rounds that the rule looks back");
  const Round D = in.count("D", 50, 1, "rounds after which a silent node sends");
  return [=] { return std::make_unique<LasgGraphRule>(c, d_max, D); };
}

constexpr SendRuleEntry table[] = {{"always", always}, {"every", every}, {"lasg-graph", lasg_graph}, {"sparq", sparq}};

}  // namespace

MakeSendRule read_send_rule(Params& in, const char* fallback) {
  const std::span<const SendRuleEntry> rules = table;
  const auto* rule = find(rules, in.part_name("trigger", fallback, names_of(rules), "when a node sends"));
  Params own = in.part("trigger");
  return rule->make(own);
}

}  // namespace laconic::decentralised
