#include "algorithms/methods/registry.hpp"

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/scaled_sign.hpp"
#include "algorithms/compressors/sign.hpp"
#include "algorithms/memories/difference.hpp"
#include "algorithms/memories/error_feedback.hpp"
#include "algorithms/memories/none.hpp"
#include "algorithms/methods/ef_signgd.hpp"
#include "algorithms/methods/gd.hpp"
#include "algorithms/methods/lag.hpp"
#include "algorithms/methods/le_signgd.hpp"
#include "algorithms/methods/signgd.hpp"
#include "algorithms/triggers/always.hpp"
#include "algorithms/triggers/every.hpp"
#include "algorithms/triggers/participation.hpp"
#include "algorithms/updates/gd.hpp"

namespace laconic {

std::span<const MethodEntry> methods() {
  static const MethodEntry table[] = {
      {"ef-signgd", ef_signgd, ef_signgd_doc},
      {"ef-signsgd", ef_signsgd, ef_signsgd_doc},
      {"gd", gd, gd_doc},
      {"lag-ps", lag_ps, lag_ps_doc},
      {"lag-wk", lag_wk, lag_wk_doc},
      {"le-signgd", le_signgd, le_signgd_doc},
      {"sgd", sgd, sgd_doc},
      {"signgd", signgd, signgd_doc},
      {"signsgd", signsgd, signsgd_doc},
  };
  return table;
}

std::span<const PartEntry<Compressor>> compressors() {
  static const PartEntry<Compressor> table[] = {
      {"identity", identity, "v as it is", "w d", ""},
      {"scaled-sign", scaled_sign, "(||v||_1 / d) sign(v)", "w + d", "LE, equation (5)"},
      {"sign", sign, "sign(v), sign(0) = +1", "d", "Bernstein et al., ICML 2018"},
  };
  return table;
}

std::span<const PartEntry<Memory>> memories() {
  static const PartEntry<Memory> table[] = {
      {"difference", difference, "sends what changed since the last upload: p = g - q, q += C(p)", nullptr, "LAG"},
      {"error-feedback", error_feedback, "p = g + e, then e = p - C(p)", nullptr, "LE, Algorithm 1"},
      {"none", no_memory, "p = g", nullptr, ""},
      {"scaled-error-feedback", scaled_error_feedback, "p = gamma g + e; the server applies C(p) unscaled", nullptr,
       "SCALED, equation (12)"},
  };
  return table;
}

std::span<const PartEntry<Trigger>> triggers() {
  static const PartEntry<Trigger> table[] = {
      {"always", always, "uploads every round", nullptr, ""},
      {"every", every, "uploads when k mod H = 0", nullptr, ""},
      {"lag-wk", lag_wk_rule, "uploads when the gradient has moved since the last upload", nullptr, "LAG, rule (7a)"},
      {"le", le_rule, "uploads when the compressed gradient has moved since the last upload", nullptr,
       "LE, Algorithm 2"},
  };
  return table;
}

std::span<const PartEntry<Participation>> participations() {
  static const PartEntry<Participation> table[] = {
      {"all", all_take_part, "everybody, every round", nullptr, ""},
      {"lag-ps", lag_ps_rule, "those whose gradient may have moved, judged by L_m and the model", nullptr,
       "LAG, rule (7b)"},
  };
  return table;
}

std::span<const AggregateEntry> aggregates() {
  static const AggregateEntry table[] = {
      {"mean", mean, "(1/M) times the sum of the workers' vectors", ""},
      {"sum", sum, "the sum of the workers' vectors", ""},
  };
  return table;
}

std::span<const PartEntry<Update>> updates() {
  static const PartEntry<Update> table[] = {
      {"gd", descent, "theta -= gamma_k G", nullptr, ""},
  };
  return table;
}

}  // namespace laconic
