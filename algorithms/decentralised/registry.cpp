#include "algorithms/decentralised/registry.hpp"

#include "algorithms/decentralised/ad_psgd.hpp"
#include "algorithms/decentralised/choco.hpp"
#include "algorithms/decentralised/d_psgd.hpp"
#include "algorithms/decentralised/dcd_ecd.hpp"
#include "algorithms/decentralised/deepsqueeze.hpp"
#include "algorithms/decentralised/exact_diffusion.hpp"
#include "algorithms/decentralised/lead.hpp"
#include "algorithms/decentralised/sgp.hpp"
#include "algorithms/decentralised/tracking.hpp"

namespace laconic::decentralised {

std::span<const PeerEntry> peer_methods() {
  static const PeerEntry table[] = {
      {"beer", beer, beer_doc},
      {"choco-sgd", choco_sgd, choco_sgd_doc},
      {"d-psgd", d_psgd, d_psgd_doc},
      {"dcd-psgd", dcd_psgd, dcd_psgd_doc},
      {"deepsqueeze", deepsqueeze, deepsqueeze_doc},
      {"ecd-psgd", ecd_psgd, ecd_psgd_doc},
      {"exact-diffusion", exact_diffusion, exact_diffusion_doc},
      {"gradient-tracking", gradient_tracking, gradient_tracking_doc},
      {"lasg-graph", lasg_graph, lasg_graph_doc},
      {"lead", lead, lead_doc},
      {"sgp", sgp, sgp_doc},
      {"sparq-sgd", sparq_sgd, sparq_sgd_doc},
  };
  return table;
}

std::span<const ExchangeEntry> exchange_methods() {
  static const ExchangeEntry table[] = {{"ad-psgd", ad_psgd, ad_psgd_doc}};
  return table;
}

}  // namespace laconic::decentralised
