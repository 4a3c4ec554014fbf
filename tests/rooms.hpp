#pragma once

// Tests and benchmarks speak of every room without naming it.

namespace laconic::data {}
namespace laconic::problems {}
namespace laconic::compressors {}
namespace laconic::updates {}
namespace laconic::memories {}
namespace laconic::triggers {}
namespace laconic::participation {}
namespace laconic::aggregators {}
namespace laconic::graphs {}
namespace laconic::methods {}
namespace laconic::decentralised {}
namespace laconic::platforms {}
namespace laconic::rounds {}
namespace laconic::network {}
namespace laconic::results {}
namespace laconic::scenario {}
namespace laconic::processes {}
namespace laconic::run {}
namespace laconic::sweep {}
namespace laconic::claims {}
namespace laconic::commands {}

namespace laconic::tests {
using namespace laconic;
using namespace data;
using namespace problems;
using namespace compressors;
using namespace updates;
using namespace memories;
using namespace triggers;
using namespace participation;
using namespace aggregators;
using namespace graphs;
using namespace methods;
using namespace platforms;
using namespace rounds;
using namespace network;
using namespace results;
using namespace scenario;
using namespace processes;
using namespace run;
using namespace sweep;
using namespace claims;
using namespace commands;
}  // namespace laconic::tests
