#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace laconic::deploy {

/// What carries bytes between the processes of a deployed run, which are numbered: ranks. It is MPI, in a library of
/// its own that is loaded when a scenario is deployed: the program starts on machines without MPI. Not for several
/// threads.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int ranks() const = 0;
  /// The name of this rank's host.
  virtual std::string host() const = 0;
  /// Its name and version, in a line.
  virtual std::string library() const = 0;
  /// Begins to send; what goes to one rank arrives in the order in which it was sent.
  virtual void send(int to, std::vector<std::byte> bytes) = 0;
  /// Takes one more that has arrived, if there is one; never waits.
  virtual bool take(int& from, std::vector<std::byte>& bytes) = 0;
  /// Waits until all has been sent, and for all ranks to do so.
  virtual void close() = 0;
};

/// What the library `liblaconic_mpi.so` has under the name "laconic_open_mpi". Its text "laconic_mpi_interface" is
/// the digest of the headers that it was built with.
using OpenTransport = Transport* (*)();

/// Loads the library, and begins to be a rank of what mpirun or srun has started. Throws InputError that says what to
/// install where it is not there.
std::unique_ptr<Transport> open_transport();

/// Throws InputError as open_transport() does, and loads nothing for long.
void check_transport();

}  // namespace laconic::deploy
