#pragma once

#include "tests/sim/program.hpp"

namespace laconic::tests {

/// Whether scenarios can be deployed here. Says so where they cannot.
inline bool has_mpi() {
  const bool built = fs::exists(fs::path(LACONIC_BINARY).parent_path() / "liblaconic_mpi.so");
  if (built && std::system("command -v mpirun >/dev/null") == 0) return true;
  WARN("left out: MPI is not here");
  return false;
}

}  // namespace laconic::tests
