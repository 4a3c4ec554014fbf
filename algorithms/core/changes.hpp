#pragma once

namespace laconic {

/// What a Peer is, too, whose messages are changes to what its neighbours hold of it: one that is late stands for
/// nothing until it comes, and must then be heard, once. (Of other peers the latest message stands for one that is
/// late, as each replaces those before it.)
struct SendsChanges {};

}  // namespace laconic
