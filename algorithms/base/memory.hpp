#pragma once

#include <string>

namespace laconic {

/// Bytes that this process may still take: the least of what the machine has available, what its control group leaves,
/// and what the limit of its address space does. Infinite where nothing says.
double available_memory();

/// " needs about 8 GB of memory, and 4 GB are available", or nothing if there is enough.
std::string memory_shortage(double bytes);

}  // namespace laconic
