#include "sim/deploy/transport.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/program.hpp"
#include "sim/deploy/launch.hpp"

namespace laconic::deploy {
namespace {

namespace fs = std::filesystem;

// SimGrid has functions of MPI's names, too, which come first where it was loaded first. So a rank begins anew, with
// MPI in front. (RTLD_DEEPBIND would do, but gives Open MPI an environment of its own, which it takes apart.)
void put_mpi_first(void* library) {
  void* const meant = dlsym(library, "MPI_Init_thread");
  if (!meant || dlsym(RTLD_DEFAULT, "MPI_Init_thread") == meant) return;
  constexpr const char* mark = "LACONIC_MPI_IS_FIRST";
  Dl_info where{};
  if (std::getenv(mark) || dladdr(meant, &where) == 0)
    throw InputError("laconic deploy: SimGrid's functions of MPI stand before MPI's own: LD_PRELOAD was not heeded");
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* before = std::getenv("LD_PRELOAD");
  setenv("LD_PRELOAD", (std::string(where.dli_fname) + (before ? std::string(" ") + before : "")).c_str(), 1);
  setenv(mark, "1", 1);
  execv("/proc/self/exe", argv.data());
  throw RunError(fmt::format("laconic deploy: cannot begin anew: {}", std::strerror(errno)));
}

// Open MPI loads parts of itself that look for its symbols among those of the whole process. `first`: before SimGrid's.
OpenTransport load(bool first) {
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
    if (interface && std::strcmp(interface, LACONIC_MPI_INTERFACE) == 0) {
      if (first) put_mpi_first(library);
      return reinterpret_cast<OpenTransport>(open);
    }
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
  std::unique_ptr<Transport> out(load(true)());
  // An MPI that does not understand how srun speaks to its tasks takes each for a run of its own.
  const char* tasks = std::getenv("OMPI_COMM_WORLD_SIZE") ? nullptr : std::getenv("SLURM_STEP_NUM_TASKS");
  if (out->ranks() == 1 && tasks && std::atoi(tasks) > 1)
    throw InputError(fmt::format(
        "laconic deploy: {} has not learned of the other tasks from srun: expected srun --mpi=pmix, or another "
        "of `srun --mpi=list` that this MPI was built for",
        out->library()));
  return out;
}

void check_transport() { load(false); }

void become_rank() { load(true); }

}  // namespace laconic::deploy
