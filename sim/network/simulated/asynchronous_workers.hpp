#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// An asynchronous method in SimGrid, on any platform and under any condition but deadlines.
///
/// What a failure cuts short is lost, and so is what it keeps from beginning; what is sent counts nevertheless. Such a
/// worker waits until the ways between it and the server are whole, and asks for an answer, with a header; if it was
/// its host that failed, it has forgotten the model. Nothing is taken or sent while the server is down. Throws RunError
/// where nobody is left whose answer could ever come, and where failures come far sooner than any work can end.
void run_asynchronous_workers(rounds::AsynchronousRun& run, const ClusterPlan& cluster, Timeline* timeline);

}  // namespace laconic::network
