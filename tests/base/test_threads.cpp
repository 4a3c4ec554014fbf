#include "algorithms/base/threads.hpp"

#include <atomic>
#include <numeric>
#include <set>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace laconic::tests;

TEST_CASE("a team does every piece once, whatever its size, call after call") {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadTeam team(threads);
    team.worth = 0;
    for (const std::size_t n : {0u, 1u, 2u, 5u, 100u, 3u}) {
      std::vector<int> done(n);
      team.each(n, 1, [&](std::size_t i) { ++done[i]; });
      CHECK(done == std::vector<int>(n, 1));
    }
  }
}

TEST_CASE("short calls in close succession are done once, piece by piece, whether threads sleep or look out") {
  int allowed = 1;
  ThreadTeam team([&] { return allowed; });
  team.worth_awake = 0;
  std::vector<std::uint64_t> done(40), expected(40);
  for (std::uint64_t call = 0; call < 20000; ++call) {
    allowed = 1 + static_cast<int>(call % 4);
    team.worth = call % 1000 == 0 ? 0 : 1e9;  // now and then they are woken
    const std::size_t n = call * 7 % 40;
    team.each(n, 1, [&](std::size_t i) { done[i] += call; });
    for (std::size_t i = 0; i < n; ++i) expected[i] += call;
    if (done != expected) break;
  }
  CHECK(done == expected);
}

TEST_CASE("a team really works at the same time") {
  ThreadTeam team(2);
  team.worth = 0;
  std::atomic<int> arrived = 0;
  team.each(2, 1, [&](std::size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();  // each waits for the other
  });
  CHECK(arrived == 2);
}

TEST_CASE("little work wakes nobody, and what is allowed may change from call to call") {
  int allowed = 3;
  ThreadTeam team([&] { return allowed; });
  std::set<std::thread::id> who;
  std::mutex mutex;
  const auto note = [&](std::size_t) {
    const std::lock_guard lock(mutex);
    who.insert(std::this_thread::get_id());
  };
  team.each(1000, team.worth / 2, note);
  CHECK(who == std::set{std::this_thread::get_id()});
  allowed = 1;
  team.each(1000, 1e12, note);
  CHECK(who == std::set{std::this_thread::get_id()});
  allowed = 0;  // the caller at least
  team.each(10, 1e12, note);
  CHECK(team.size() == 1);
}

TEST_CASE("of several errors a team throws that of the first piece, and goes on to serve") {
  ThreadTeam team(3);
  team.worth = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::string said;
    try {
      team.each(50, 1, [](std::size_t i) {
        if (i % 10 == 7) throw std::runtime_error(std::to_string(i));
      });
    } catch (const std::runtime_error& e) {
      said = e.what();
    }
    CHECK(said == "7");
  }
  std::atomic<int> sum = 0;
  team.each(10, 1, [&](std::size_t i) { sum += static_cast<int>(i); });
  CHECK(sum == 45);
}
