#include "algorithms/methods/registry.hpp"

#include "algorithms/aggregators/votes.hpp"
#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/laq.hpp"
#include "algorithms/compressors/low_rank.hpp"
#include "algorithms/compressors/natural.hpp"
#include "algorithms/compressors/qsgd.hpp"
#include "algorithms/compressors/rand_k.hpp"
#include "algorithms/compressors/scaled_sign.hpp"
#include "algorithms/compressors/sign.hpp"
#include "algorithms/compressors/stoc_mv.hpp"
#include "algorithms/compressors/terngrad.hpp"
#include "algorithms/compressors/top_k.hpp"
#include "algorithms/memories/adam_error_feedback.hpp"
#include "algorithms/memories/difference.hpp"
#include "algorithms/memories/error_feedback.hpp"
#include "algorithms/memories/none.hpp"
#include "algorithms/memories/shifted.hpp"
#include "algorithms/methods/adagrad_norm.hpp"
#include "algorithms/methods/ams.hpp"
#include "algorithms/methods/cada.hpp"
#include "algorithms/methods/demo.hpp"
#include "algorithms/methods/differences.hpp"
#include "algorithms/methods/diloco.hpp"
#include "algorithms/methods/ef_signgd.hpp"
#include "algorithms/methods/gd.hpp"
#include "algorithms/methods/lag.hpp"
#include "algorithms/methods/laq.hpp"
#include "algorithms/methods/lasg.hpp"
#include "algorithms/methods/le_signgd.hpp"
#include "algorithms/methods/local_sgd.hpp"
#include "algorithms/methods/marina.hpp"
#include "algorithms/methods/mh.hpp"
#include "algorithms/methods/onebit_adam.hpp"
#include "algorithms/methods/powersgd.hpp"
#include "algorithms/methods/qsgd.hpp"
#include "algorithms/methods/scaffold.hpp"
#include "algorithms/methods/scaled_sign.hpp"
#include "algorithms/methods/signgd.hpp"
#include "algorithms/methods/signum.hpp"
#include "algorithms/methods/slowmo.hpp"
#include "algorithms/methods/sparse_loco.hpp"
#include "algorithms/participation/all.hpp"
#include "algorithms/participation/sampled.hpp"
#include "algorithms/triggers/always.hpp"
#include "algorithms/triggers/every.hpp"
#include "algorithms/updates/adaptive.hpp"
#include "algorithms/updates/gd.hpp"
#include "algorithms/updates/local.hpp"
#include "algorithms/updates/nesterov.hpp"

namespace laconic::methods {

using namespace compressors;
using namespace updates;
using namespace memories;
using namespace triggers;
using namespace participation;
using namespace aggregators;

std::span<const MethodEntry> methods() {
  static const MethodEntry table[] = {
      {"adagrad-norm", adagrad_norm, adagrad_norm_doc},
      {"amsgrad", amsgrad, amsgrad_doc},
      {"cada1", cada1, cada1_doc},
      {"cada2", cada2, cada2_doc},
      {"demo", demo, demo_doc},
      {"diana", diana, diana_doc},
      {"diloco", diloco, diloco_doc},
      {"ef-signgd", ef_signgd, ef_signgd_doc},
      {"ef-signsgd", ef_signsgd, ef_signsgd_doc},
      {"ef21", ef21, ef21_doc},
      {"ef21-sgd", ef21_sgd, ef21_sgd_doc},
      {"fedavg", fedavg, fedavg_doc},
      {"gd", gd, gd_doc},
      {"lag-ps", lag_ps, lag_ps_doc},
      {"lag-wk", lag_wk, lag_wk_doc},
      {"laq", laq, laq_doc},
      {"laqsg-ps", laqsg_ps, laqsg_ps_doc},
      {"laqsg-pse", laqsg_pse, laqsg_pse_doc},
      {"laqsg-wk1", laqsg_wk1, laqsg_wk1_doc},
      {"laqsg-wk2", laqsg_wk2, laqsg_wk2_doc},
      {"lasg-ps", lasg_ps, lasg_ps_doc},
      {"lasg-pse", lasg_pse, lasg_pse_doc},
      {"lasg-wk1", lasg_wk1, lasg_wk1_doc},
      {"lasg-wk2", lasg_wk2, lasg_wk2_doc},
      {"le-signgd", le_signgd, le_signgd_doc},
      {"local-sgd", local_sgd, local_sgd_doc},
      {"marina", marina, marina_doc},
      {"mh-signsgd", mh_signsgd, mh_signsgd_doc},
      {"mh-signsgd-adaptive", mh_signsgd_adaptive, mh_signsgd_adaptive_doc},
      {"onebit-adam", onebit_adam, onebit_adam_doc},
      {"powersgd", powersgd, powersgd_doc},
      {"qadam", qadam, qadam_doc},
      {"qgd", qgd, qgd_doc},
      {"qsgd", qsgd_method, qsgd_doc},
      {"scaffold", scaffold, scaffold_doc},
      {"scaled-majority-vote", scaled_majority_vote_method, scaled_majority_vote_doc},
      {"scaled-signgd", scaled_signgd, scaled_signgd_doc},
      {"scaled-signsgd", scaled_signsgd, scaled_signsgd_doc},
      {"sgd", sgd, sgd_doc},
      {"sign-adagrad-norm-a", sign_adagrad_norm_a, sign_adagrad_norm_a_doc},
      {"sign-adagrad-norm-b", sign_adagrad_norm_b, sign_adagrad_norm_b_doc},
      {"signgd", signgd, signgd_doc},
      {"signsgd", signsgd, signsgd_doc},
      {"signum", signum, signum_doc},
      {"slaq", slaq, slaq_doc},
      {"slowmo", slowmo, slowmo_doc},
      {"spars-ams", spars_ams, spars_ams_doc},
      {"sparse-loco", sparse_loco, sparse_loco_doc},
      {"stoc-mv-ams", stoc_mv_ams, stoc_mv_ams_doc},
      {"stoc-unif-ams", stoc_unif_ams, stoc_unif_ams_doc},
      {"stochastic-lag-wk", stochastic_lag_wk, stochastic_lag_wk_doc},
      {"terngrad", terngrad_method, terngrad_doc},
      {"topk-ams", topk_ams, topk_ams_doc},
  };
  return table;
}

std::span<const PartEntry<Compressor>> compressors() {
  static const PartEntry<Compressor> table[] = {
      {"identity", identity, "v as it is", "w d", ""},
      {"l1-sign", l1_sign, "||v||_1 sign(v)", "w + d", "SCALED, equation (14)"},
      {"laq", laq_quantiser, "v rounded to 2^b levels between -max |v_i| and max |v_i|", "w + b d",
       "LAQ, NeurIPS 2019"},
      {"low-rank", low_rank, "the matrix v is read as, to rank r by a power iteration", "w r (p + q)",
       "one worker's half of PowerSGD (NeurIPS 2019), which averages P and Q over the workers"},
      {"natural", natural, "|v_i| rounded at random to a power of two, unbiased", "(1 + x) d", "Horvath et al., 2019"},
      {"qsgd", qsgd, "|v_i| / ||v||_2 rounded at random to 2^(b-1) - 1 levels, unbiased", "w + b d",
       "QSGD, NeurIPS 2017"},
      {"rand-k", rand_k, "k entries drawn uniformly, which both ends know", "w k", "SPARS, Stoc-Unif"},
      {"scaled-sign", scaled_sign, "(||v||_1 / d) sign(v)", "w + d", "LE, equation (5)"},
      {"sign", sign, "sign(v), sign(0) = +1", "d", "Bernstein et al., ICML 2018"},
      {"stoc-mv", stoc_mv, "k entries on average, drawn in proportion to |v_i|, unbiased", "n (w + i) + 32",
       "Wangni et al., NeurIPS 2018; SPARS, Stoc-MV"},
      {"terngrad", terngrad, "max |v_i| times -1, 0 or 1 drawn in proportion to v_i, unbiased", "w + 2 d",
       "TernGrad, NeurIPS 2017"},
      {"top-k", top_k, "the k entries of largest magnitude", "k (w + i)", "SPARS"},
  };
  return table;
}

std::span<const PartEntry<Memory>> memories() {
  static const PartEntry<Memory> table[] = {
      {"adam-error-feedback", adam_error_feedback,
       "p = gamma m / sqrt(v + eps) + e, then e = p - C(p); the server applies C(p) unscaled", nullptr,
       "Quantized Adam with error feedback, 2020"},
      {"difference", difference, "sends what changed since the last upload: p = g - q, q += C(p)", nullptr, "LAG"},
      {"error-feedback", error_feedback, "p = g + e, then e = p - C(p)", nullptr, "LE, Algorithm 1"},
      {"none", no_memory, "p = g", nullptr, ""},
      {"scaled-error-feedback", scaled_error_feedback, "p = gamma g + e; the server applies C(p) unscaled", nullptr,
       "SCALED, equation (12)"},
      {"shifted", shifted, "p = g - h, h += alpha C(p); the server steps by h + C(p)", nullptr, "DIANA, 2019"},
  };
  return table;
}

std::span<const PartEntry<Trigger>> triggers() {
  static const PartEntry<Trigger> table[] = {
      {"always", always, "uploads every round", nullptr, ""},
      {"every", every, "uploads when k mod H = 0", nullptr, ""},
      {"lag-wk", lag_wk_rule, "uploads when the gradient has moved since the last upload", nullptr, "LAG, rule (7a)"},
      {"laq", laq_rule, "uploads when the quantised gradient has moved by more than quantisation explains", nullptr,
       "LAQ, rule (7)"},
      {"lasg-wk1", lasg_wk1_rule, "uploads when the innovation over a snapshot has moved", nullptr,
       "LASG, Algorithm 1"},
      {"lasg-wk2", lasg_wk2_rule, "uploads when this sample's gradient differs between the models of now and then",
       nullptr, "LASG, Algorithm 2"},
      {"le", le_rule, "uploads when the compressed gradient has moved since the last upload", nullptr,
       "LE, Algorithm 2"},
      {"stochastic-lag-wk", stochastic_lag_wk_rule, "uploads when the stochastic gradient has moved", nullptr,
       "LASG, rule (7)"},
  };
  return table;
}

std::span<const PartEntry<Participation>> participations() {
  static const PartEntry<Participation> table[] = {
      {"all", all_take_part, "everybody, every round", nullptr, ""},
      {"lag-ps", lag_ps_rule, "those whose gradient may have moved, judged by L_m and the model", nullptr,
       "LAG, rule (7b)"},
      {"lasg-ps", lasg_ps_rule, "the same for stochastic gradients, and everybody once in D rounds", nullptr,
       "LASG, Algorithm 3"},
      {"lasg-pse", lasg_pse_rule, "lasg-ps with L_m estimated on the way", nullptr, "LASG, Algorithm 4"},
      {"sampled", sampled, "some, drawn at random every round", nullptr, "FedAvg, AISTATS 2017"},
  };
  return table;
}

std::span<const AggregateEntry> aggregates() {
  static const AggregateEntry table[] = {
      {"majority-vote", majority_vote, "sign(sum_m sign(v_m)); the vote goes down, d bits, and no model",
       "Bernstein et al., ICML 2018"},
      {"mean", mean, "(1/M) times the sum of the workers' vectors", ""},
      {"scaled-majority-vote", scaled_majority_vote,
       "the vote times the workers' mean magnitude; it goes down, w + d bits, and no model", "SCALED, Algorithm 3"},
      {"sum", sum, "the sum of the workers' vectors", ""},
  };
  return table;
}

std::span<const PartEntry<LocalUpdate>> local_updates() {
  static const PartEntry<LocalUpdate> table[] = {
      {"adamw", local_adamw, "Adam, bias-corrected, that takes gamma lambda x off x", nullptr,
       "Loshchilov, Hutter, ICLR 2019"},
      {"momentum", local_momentum, "m = beta1 m + g; x -= gamma m", nullptr, "Polyak, 1964"},
      {"sgd", local_descent, "x -= gamma g", nullptr, ""},
  };
  return table;
}

std::span<const PartEntry<Update>> updates() {
  static const PartEntry<Update> table[] = {
      {"adagrad-norm", adagrad_norm_update, "b^2 += ||G||^2; theta -= (gamma_k / b) G", nullptr,
       "SCALED, equation (5)"},
      {"adam", adam, "moments of G, bias-corrected", nullptr, "Kingma, Ba, ICLR 2015"},
      {"amsgrad", amsgrad_update, "moments of G, the second never shrinks; theta -= gamma_k m / sqrt(v^ + eps)",
       nullptr, "SPARS, lines 12-16"},
      {"gd", descent, "theta -= gamma_k G", nullptr, ""},
      {"gradient-adagrad-norm", gradient_adagrad_norm,
       "adagrad-norm, b^2 += the workers' ||g_m||^2, which they send along", nullptr, "SCALED, equation (6)"},
      {"mh-adaptive", mh_adaptive, "theta -= eta_k V, eta_k = (1/M) sum_m s_m / L, s_m the confidence in the signs",
       nullptr, "MH, equation (1)", true},
      {"momentum", heavy_ball, "m = beta1 m + G; theta -= gamma_k m", nullptr, "Polyak, 1964"},
      {"nesterov", nesterov, "v = b v + G; theta -= gamma_k (G + b v)", nullptr, "Sutskever et al., ICML 2013; DiLoCo"},
  };
  return table;
}

}  // namespace laconic::methods
