#include "algorithms/asynchronous/registry.hpp"

#include "algorithms/asynchronous/async_sgd.hpp"
#include "algorithms/asynchronous/fedasync.hpp"
#include "algorithms/asynchronous/fedbuff.hpp"
#include "algorithms/asynchronous/iag.hpp"
#include "algorithms/asynchronous/rennala.hpp"
#include "algorithms/asynchronous/ringleader.hpp"
#include "algorithms/asynchronous/shadowheart.hpp"
#include "algorithms/asynchronous/ssp.hpp"

namespace laconic::asynchronous {

std::span<const AsynchronousEntry> asynchronous_methods() {
  static const AsynchronousEntry table[] = {
      {"async-sgd", async_sgd, async_sgd_doc},
      {"fadas", fadas, fadas_doc},
      {"fedasync", fedasync, fedasync_doc},
      {"fedbuff", fedbuff, fedbuff_doc},
      {"iag", iag, iag_doc},
      {"rennala", rennala, rennala_doc},
      {"ringleader", ringleader, ringleader_doc},
      {"shadowheart", shadowheart, shadowheart_doc},
      {"ssp", ssp, ssp_doc},
  };
  return table;
}

}  // namespace laconic::asynchronous
