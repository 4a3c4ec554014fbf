#pragma once

#include <cstdint>
#include <vector>

namespace laconic::network {

/// What one sender sends over a link that others share, too: several messages, which share its own link evenly.
struct Sender {
  double most;    ///< byte/s, > 0: what its own link carries
  double weight;  ///< > 0: where the shared link is too narrow, each message's share is in proportion
};

/// A message of a sender.
struct SentPart {
  std::uint32_t sender;
  double start;  ///< when it starts, s
  double bytes;
  double end = 0;  ///< when it is over, s: what is looked for
};

/// Shares a link of `capacity` byte/s (infinite: there is none) weighted max-min fairly among all messages under way,
/// those of a sender having its own link between them, and finds when each is over. (SharedLink is for one message a
/// sender at a time, and much faster.)
void carry_parts(double capacity, const std::vector<Sender>& senders, std::vector<SentPart>& parts);

}  // namespace laconic::network
