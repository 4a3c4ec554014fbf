#pragma once

namespace laconic {

/// What a round does without the workers that have not answered by its deadline.
enum class Late {
  wait,   ///< there is no deadline
  reuse,  ///< their latest vectors stand for them, as in a lazy method; what comes late counts in the round it meets
  drop    ///< it does without them, and what comes late is thrown away
};

}  // namespace laconic
