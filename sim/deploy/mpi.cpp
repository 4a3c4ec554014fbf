#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <list>

#include "sim/deploy/transport.hpp"

namespace laconic::deploy {
namespace {

// A message of MPI counts its bytes in an int: a longer one travels in pieces, of which the first says how long it is.
constexpr std::size_t most = std::size_t{1} << 30;
constexpr int first_piece = 1, further_piece = 2;

class Mpi : public Transport {
 public:
  Mpi() {
    int given = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  int rank() const override { return rank_; }
  int ranks() const override { return ranks_; }

  std::string host() const override {
    char name[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    MPI_Get_processor_name(name, &length);
    return std::string(name, static_cast<std::size_t>(length));
  }

  std::string library() const override {
    char name[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(name, &length);
    const std::string all(name, static_cast<std::size_t>(length));
    return all.substr(0, std::min(all.find(','), all.find('\n')));
  }

  void send(int to, std::vector<std::byte> bytes) override {
    Sent& sent = sent_.emplace_back();
    if (bytes.size() > most) {
      const std::uint64_t all = bytes.size();
      std::vector<std::byte> before(sizeof all);
      std::memcpy(before.data(), &all, sizeof all);
      sent.length = std::move(before);
      start(sent, sent.length.data(), sent.length.size(), to, further_piece);
    }
    sent.bytes = std::move(bytes);
    for (std::size_t at = 0; at == 0 || at < sent.bytes.size(); at += most)
      start(sent, sent.bytes.data() + at, std::min(most, sent.bytes.size() - at), to,
            sent.bytes.size() > most ? further_piece : first_piece);
    forget_sent();
  }

  bool take(int& from, std::vector<std::byte>& bytes) override {
    forget_sent();
    int there = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &message, &status);
    if (!there) return false;
    int count = 0;
    MPI_Get_count(&status, MPI_BYTE, &count);
    bytes.resize(static_cast<std::size_t>(count));
    MPI_Mrecv(bytes.data(), count, MPI_BYTE, &message, &status);
    from = status.MPI_SOURCE;
    if (status.MPI_TAG == further_piece) take_pieces(from, bytes);
    return true;
  }

  void close() override {
    for (Sent& sent : sent_)
      MPI_Waitall(static_cast<int>(sent.requests.size()), sent.requests.data(), MPI_STATUSES_IGNORE);
    sent_.clear();
    MPI_Finalize();
  }

 private:
  struct Sent {
    std::vector<std::byte> length, bytes;
    std::vector<MPI_Request> requests;
  };

  static void start(Sent& sent, const std::byte* bytes, std::size_t count, int to, int tag) {
    MPI_Request& request = sent.requests.emplace_back();
    MPI_Isend(bytes, static_cast<int>(count), MPI_BYTE, to, tag, MPI_COMM_WORLD, &request);
  }

  // Pieces of one sender arrive in their order.
  static void take_pieces(int from, std::vector<std::byte>& bytes) {
    std::uint64_t all = 0;
    std::memcpy(&all, bytes.data(), sizeof all);
    bytes.resize(all);
    for (std::size_t at = 0; at < all; at += most)
      MPI_Recv(bytes.data() + at, static_cast<int>(std::min(most, bytes.size() - at)), MPI_BYTE, from, further_piece,
               MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }

  void forget_sent() {
    for (auto sent = sent_.begin(); sent != sent_.end();) {
      int all = 0;
      MPI_Testall(static_cast<int>(sent->requests.size()), sent->requests.data(), &all, MPI_STATUSES_IGNORE);
      sent = all ? sent_.erase(sent) : std::next(sent);
    }
  }

  int rank_ = 0, ranks_ = 1;
  std::list<Sent> sent_;
};

}  // namespace
}  // namespace laconic::deploy

extern "C" {
__attribute__((visibility("default"))) extern const char laconic_mpi_interface[];
const char laconic_mpi_interface[] = LACONIC_MPI_INTERFACE;
__attribute__((visibility("default"))) laconic::deploy::Transport* laconic_open_mpi() {
  return new laconic::deploy::Mpi;
}
}
