#include "sim/processes/interrupts.hpp"

#include <signal.h>

namespace laconic::processes {
namespace {

volatile sig_atomic_t interrupt_count = 0;

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_count = interrupt_count + 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() { return interrupt_count; }

}  // namespace laconic::processes
