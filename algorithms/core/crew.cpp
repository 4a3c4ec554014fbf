#include "algorithms/core/crew.hpp"

#include <algorithm>
#include <utility>

namespace laconic {

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  more_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::size_t Crew::size() const { return static_cast<std::size_t>(std::max(1, allowed_())); }

void Crew::share(std::size_t n, Call call, const void* context) {
  const std::size_t helpers = std::min(size(), n) - 1;
  while (threads_.size() < helpers) threads_.emplace_back([this] { help(); });
  std::unique_lock lock(mutex_);
  call_ = call;
  context_ = context;
  next_ = 0;
  end_ = n;
  places_ = helpers;
  error_ = nullptr;
  for (std::size_t i = 0; i < helpers; ++i) more_.notify_one();
  take_pieces(lock);
  places_ = 0;  // who wakes up only now has come too late
  finished_.wait(lock, [this] { return working_ == 0; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

// A piece is a worker's gradient: next to it, a lock costs nothing.
void Crew::take_pieces(std::unique_lock<std::mutex>& lock) {
  while (next_ < end_) {
    const std::size_t i = next_++;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      call_(context_, i);
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    if (thrown && (!error_ || i < failed_)) {
      error_ = thrown;
      failed_ = i;
    }
  }
}

void Crew::help() {
  std::unique_lock lock(mutex_);
  for (;;) {
    more_.wait(lock, [this] { return over_ || places_ > 0; });
    if (over_) return;
    --places_;
    ++working_;
    take_pieces(lock);
    if (--working_ == 0) finished_.notify_one();
  }
}

}  // namespace laconic
