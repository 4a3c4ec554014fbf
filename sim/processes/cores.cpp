#include "sim/processes/cores.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "sim/processes/usable_cores.hpp"

namespace laconic::processes {

struct Cores::Shared {
  std::atomic<std::size_t> processes{1};
  static_assert(std::atomic<std::size_t>::is_always_lock_free);
};

Cores::Cores(int jobs, int threads)
    : cores_(usable_cores()),
      processes_(jobs > 0      ? static_cast<std::size_t>(jobs)
                 : threads > 0 ? std::max<std::size_t>(1, cores_ / static_cast<std::size_t>(threads))
                               : cores_),
      threads_(threads),
      shared_(nullptr) {
  void* page = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    threads_ = std::max(1, threads_);  // nobody can be told of what is idle
    return;
  }
  shared_ = new (page) Shared;
}

Cores::~Cores() {
  if (shared_) munmap(shared_, sizeof(Shared));
}

void Cores::busy(std::size_t processes) {
  if (shared_) shared_->processes = std::max<std::size_t>(1, processes);
}

int Cores::threads() const {
  if (threads_ > 0) return threads_;
  return static_cast<int>(std::max<std::size_t>(1, cores_ / shared_->processes));
}

}  // namespace laconic::processes
