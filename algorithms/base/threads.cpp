#include "algorithms/base/threads.hpp"

#include <algorithm>
#include <utility>

namespace laconic {
namespace {

constexpr std::chrono::microseconds patience{50};

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether it came true before patience ended.
template <class True>
bool look_out(const True& true_now) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    for (int i = 0; i < 50; ++i) {
      if (true_now()) return true;
      relax();
    }
    if (std::chrono::steady_clock::now() - start > patience) return false;
  }
}

}  // namespace

ThreadTeam::~ThreadTeam() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  more_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::size_t ThreadTeam::size() const { return static_cast<std::size_t>(std::max(1, allowed_())); }

bool ThreadTeam::is_worth(double flops) const { return flops >= worth || Clock::now() - ended_ < patience; }

void ThreadTeam::share(std::size_t n, Call call, const void* context) {
  const std::size_t helpers = std::min(size(), n) - 1;
  while (threads_.size() < helpers) threads_.emplace_back([this, number = threads_.size()] { help(number); });
  n_ = n;
  call_ = call;
  context_ = context;
  done_ = 0;
  places_ = helpers;
  ticket_ = ((ticket_ >> left_bits) + 1) << left_bits | n;
  if (asleep_ > 0) {
    const std::lock_guard lock(mutex_);
    more_.notify_all();
  }
  take_pieces();
  const auto all_done = [&] { return done_ == n; };
  if (!look_out(all_done)) {
    std::unique_lock lock(mutex_);
    waits_ = true;
    finished_.wait(lock, all_done);
    waits_ = false;
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

// While a piece is not done, its call is not over, and what it needs stays in place.
void ThreadTeam::take_pieces() {
  for (Ticket ticket = ticket_; static_cast<std::uint32_t>(ticket) > 0;) {
    if (!ticket_.compare_exchange_weak(ticket, ticket - 1)) continue;
    const std::size_t n = n_, i = n - static_cast<std::uint32_t>(ticket);
    try {
      call_(context_, i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_ || i < failed_) {
        error_ = std::current_exception();
        failed_ = i;
      }
    }
    if (++done_ == n) {
      const std::lock_guard lock(mutex_);
      if (waits_) finished_.notify_one();
    }
    ticket = ticket_;
  }
}

void ThreadTeam::help(std::size_t number) {
  for (Ticket seen = 0; !over_;) {
    const auto more = [&] { return called(seen); };
    if (!look_out(more)) {
      std::unique_lock lock(mutex_);
      ++asleep_;
      more_.wait(lock, more);
      --asleep_;
    }
    seen = ticket_;
    if (number < places_) take_pieces();
  }
}

}  // namespace laconic
