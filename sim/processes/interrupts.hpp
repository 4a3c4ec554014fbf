#pragma once

namespace laconic::processes {

/// Ctrl-C (SIGINT) and SIGTERM ask runs to end with the round they are in.
void catch_interrupts();
/// How often they have asked.
int interrupts();

}  // namespace laconic::processes
