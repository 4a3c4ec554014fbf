#pragma once

#include "sim/deploy/ranks.hpp"
#include "sim/deploy/rows.hpp"
#include "sim/run/record_run.hpp"

namespace laconic::deploy {

/// What rank 0 has at hand for algorithm i.
struct Served {
  const scenario::Scenario& scenario;
  std::size_t i;
  Ranks& ranks;
  std::FILE* log;  ///< Records
  Rows& rows;
  const run::ReportProgress& report;
  const run::JobExtras& extras;
};

/// Carries out algorithm i at rank 0: as its server, or as who keeps the books of its nodes.
run::JobResult serve(Served& served);
run::JobResult serve_rounds(Served& served);
run::JobResult serve_graph(Served& served);
run::JobResult serve_asynchronous(Served& served);

}  // namespace laconic::deploy
