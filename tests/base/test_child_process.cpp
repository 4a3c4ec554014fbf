#include "algorithms/base/child_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "tests/catch.hpp"

using namespace laconic::tests;

TEST_CASE("a child process says how it ended in one sentence") {
  CHECK(ChildProcess([](int) { return 0; }).wait().well());
  const ProcessEnding failed = ChildProcess([](int) { return 7; }).wait();
  CHECK_FALSE(failed.well());
  CHECK(failed.sentence() == "its process ended with code 7");
  const ProcessEnding killed = ChildProcess([](int) { return raise(SIGKILL); }).wait();
  CHECK(killed.signal == SIGKILL);
  CHECK(killed.sentence() == "its process was killed by signal 9 (Killed)");
}

TEST_CASE("what throws in a child process stays there and makes it end with code 3") {
  const auto ending = ChildProcess([](int) -> int { throw std::runtime_error("no"); }).wait();
  CHECK(ending.signal == 0);
  CHECK(ending.code == 3);
}

TEST_CASE("all that a child process says arrives, more than a pipe holds") {
  const std::string text(1 << 20, 'x');
  ChildProcess child([&](int pipe) { return write_all(pipe, text) ? 0 : 1; });
  CHECK(child.read_all() == text);
  CHECK(child.wait().well());
}

TEST_CASE("what a child process has not said yet is not waited for") {
  int go[2];
  REQUIRE(pipe(go) == 0);
  ChildProcess child([&](int pipe) {
    char ignored = 0;
    return read(go[0], &ignored, 1) == 1 && write_all(pipe, "now") ? 0 : 1;
  });
  std::string said;
  CHECK(child.read_some(said));
  CHECK(said.empty());
  REQUIRE(write_all(go[1], "g"));
  CHECK(child.read_all() == "now");
  CHECK_FALSE(child.read_some(said));
  CHECK(child.wait().well());
  close(go[0]);
  close(go[1]);
}

TEST_CASE("a child process moves and is ended with its last owner") {
  int told[2];
  REQUIRE(pipe(told) == 0);
  char byte = 0;
  {
    ChildProcess first([&](int) {
      signal(SIGTERM, SIG_DFL);  // the test program's own handler would report a failure
      write_all(told[1], ".");
      return pause();
    });
    const ChildProcess second = std::move(first);
    CHECK(second.runs());
    close(told[1]);
    CHECK(read(told[0], &byte, 1) == 1);
  }
  CHECK(read(told[0], &byte, 1) == 0);  // the child held the other end
  close(told[0]);
}

TEST_CASE("of what SimGrid says when it aborts, the reason alone is told, in one line") {
  const auto dying_with = [](const char* words) {
    return ChildProcess([words](int) {
             write_all(STDERR_FILENO, words);
             signal(SIGABRT, SIG_DFL);
             return raise(SIGABRT);
           })
        .wait();
  };
  const auto ending = dying_with("[0.5] ./src/a.cpp:104: [root/CRITICAL] No such thing.\nBacktrace:\n  -> 0x00\n");
  CHECK(ending.signal == SIGABRT);
  CHECK(ending.sentence() == "its process ended itself: No such thing.");
  const auto memory = dying_with("[0.5] ./src/a.cpp:104: [root/CRITICAL] Failed to allocate stack.\nBacktrace:\n");
  CHECK(memory.sentence().starts_with("not enough memory: "));
  CHECK(memory.sentence().find("MB") != std::string::npos);
  CHECK(dying_with("").sentence() == "its process was killed by signal 6 (Aborted)");
}
