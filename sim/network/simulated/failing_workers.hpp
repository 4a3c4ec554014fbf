#pragma once

#include "sim/network/cluster.hpp"

namespace laconic::network {

/// Rounds to a parameter server where hosts and links may fail, and rounds may have a deadline.
///
/// A worker has one order at a time. With deadlines, one that is down or out of reach when a round begins is left out
/// of it, and so is one that still owes the answer to an earlier round; nobody tells the server of what fails later,
/// and the worker's round is then lost. Without deadlines, what a failure cuts short, or keeps from beginning, is done
/// again as soon as it can be: a transfer where a link was down or the server, the whole of its round where the worker
/// was.
///
/// A round ends when all who were asked have answered, at the latest with its deadline, and at the deadline if nobody
/// could be asked; not while the server is down. What arrives at the deadline is in time. What a failure cuts short is
/// not counted; samples, memories and the server's model survive it. Throws RunError where nobody is left to wait for,
/// and where a round fails again and again.
void run_failing_workers(const OpenRounds& rounds, const ClusterPlan& cluster, const rounds::AfterRound& after_round,
                         Timeline* timeline);

}  // namespace laconic::network
