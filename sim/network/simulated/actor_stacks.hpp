#pragma once

#include <cstdlib>  // defines __GLIBC__ on glibc
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "platforms/simgrid/versions.hpp"

namespace laconic::network {

/// The stacks of the actors that are created next. SimGrid takes those without a guard page from calloc, which clears
/// what it cuts from the heap: 100000 of them would fill gigabytes of memory, and take most of the time it takes to
/// build such a cluster. Mapped by themselves they hold the pages that were touched, some 8 kB.
class Stacks {
 public:
  /// `crowd`: whether there are so many workers that their guard pages could exceed the mappings that Linux allows a
  /// process (65530).
  explicit Stacks(bool crowd) : crowd_(crowd) {
    if (crowd_) sg::Engine::set_config("contexts/guard-size:0");
  }
  /// For actors that compute and send, and stay.
  void of_workers() const {
    small();
    map_from(32 << 10, 16 << 10);  // with so small a pad the heap never has room left over for a stack
  }
  /// For the server's actor, on whose stack the mathematics runs.
  void of_server() const {
    if (crowd_) sg::Engine::set_config("contexts/stack-size:8192");
    map_from(32 << 20, 128 << 10);
  }
  /// For actors that compute and send once, and end.
  void of_helpers() const { small(); }

 private:
  void small() const {
    if (crowd_) sg::Engine::set_config("contexts/stack-size:64");
  }
  void map_from([[maybe_unused]] int bytes, [[maybe_unused]] int pad) const {
#ifdef __GLIBC__
    if (!crowd_) return;
    mallopt(M_MMAP_THRESHOLD, bytes);
    mallopt(M_MMAP_MAX, 1 << 30);
    mallopt(M_TOP_PAD, pad);
#endif
  }

  bool crowd_;
};

}  // namespace laconic::network
