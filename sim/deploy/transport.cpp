#include "sim/deploy/transport.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "algorithms/base/error.hpp"
#include "algorithms/base/program.hpp"

namespace laconic::deploy {
namespace {

namespace fs = std::filesystem;

// Open MPI loads parts of itself that look for its symbols among those of the whole process.
OpenTransport load() {
  std::string reasons, stale;
  for (const fs::path& place : places_of_library("liblaconic_mpi.so")) {
    std::error_code ignored;
    if (!fs::exists(place, ignored)) continue;
    void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL);
    void* const open = library ? dlsym(library, "laconic_open_mpi") : nullptr;
    if (!open) {
      reasons += fmt::format(" ({})", dlerror());
      continue;
    }
    const auto* interface = static_cast<const char*>(dlsym(library, "laconic_mpi_interface"));
    if (interface && std::strcmp(interface, LACONIC_MPI_INTERFACE) == 0) return reinterpret_cast<OpenTransport>(open);
    stale = place;
  }
  if (!stale.empty())
    throw InputError(
        fmt::format("laconic deploy: {} was not built together with this program: build both again", stale));
  throw InputError(
      fmt::format("laconic deploy: needs MPI, which this build of Laconic is without{}: install libopenmpi-dev and "
                  "openmpi-bin and build again, or install the package laconic-mpi",
                  reasons));
}

}  // namespace

std::unique_ptr<Transport> open_transport() {
  std::unique_ptr<Transport> out(load()());
  // An MPI that does not understand how srun speaks to its tasks takes each for a run of its own.
  const char* tasks = std::getenv("OMPI_COMM_WORLD_SIZE") ? nullptr : std::getenv("SLURM_STEP_NUM_TASKS");
  if (out->ranks() == 1 && tasks && std::atoi(tasks) > 1)
    throw InputError(fmt::format(
        "laconic deploy: {} has not learned of the other tasks from srun: expected srun --mpi=pmix, or another "
        "of `srun --mpi=list` that this MPI was built for",
        out->library()));
  return out;
}

void check_transport() { load(); }

}  // namespace laconic::deploy
