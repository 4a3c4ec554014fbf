#include "sim/deploy/lifeline.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <sstream>

#include "algorithms/base/error.hpp"

namespace laconic::deploy {
namespace {

constexpr int patience_ms = 30'000;
constexpr std::size_t token_size = 16, greeting_size = token_size + 8;  // the token, and a rank

[[noreturn]] void fail(const char* what) { throw RunError(fmt::format("{}: {}", what, std::strerror(errno))); }

bool ready(int socket, short what, int milliseconds) {
  pollfd one{socket, what, 0};
  return poll(&one, 1, milliseconds) > 0;
}

// Whoever else comes by the port is turned away.
std::string fresh_token() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

int connected(const std::string& host, std::uint16_t port) {
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &to.sin_addr);
  constexpr int try_for_ms = 3000;
  int error = 0;
  socklen_t size = sizeof error;
  const bool begun = ::connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EINPROGRESS;
  if (begun && ready(out, POLLOUT, try_for_ms) && getsockopt(out, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
      error == 0)
    return out;
  close(out);
  return -1;
}

}  // namespace

Lifeline::Lifeline() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), token_(fresh_token()) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_ANY);
  constexpr int waiting = 1024;
  if (listener_ < 0 || bind(listener_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 ||
      ::listen(listener_, waiting) != 0)
    fail("cannot listen for the other ranks");
}

Lifeline::~Lifeline() {
  part();
  if (thread_.joinable()) thread_.join();
  for (const int socket : sockets_) close(socket);
  if (listener_ >= 0) close(listener_);
}

// "token port address address ...", those by which other machines may know this one first.
std::string Lifeline::address() const {
  sockaddr_in here{};
  socklen_t size = sizeof here;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
  std::string out = fmt::format("{} {}", token_, ntohs(here.sin_port));
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return out + " 127.0.0.1";
  for (const bool loops : {false, true})
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
      if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
      char text[INET_ADDRSTRLEN];
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
      if (std::string_view(text).starts_with("127.") == loops) out += fmt::format(" {}", text);
    }
  freeifaddrs(all);
  return out;
}

void Lifeline::accept(int others) {
  while (static_cast<int>(sockets_.size()) < others) {
    if (!ready(listener_, POLLIN, patience_ms)) throw RunError("not all ranks can reach rank 0's host over TCP");
    const int one = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    char greeting[greeting_size];
    if (one >= 0 && ready(one, POLLIN, 1000) &&
        recv(one, greeting, sizeof greeting, MSG_WAITALL) == static_cast<ssize_t>(sizeof greeting) &&
        std::string_view(greeting, token_size) == token_) {
      sockets_.push_back(one);
      ranks_.push_back(std::atoi(std::string(greeting + token_size, greeting_size - token_size).c_str()));
    } else if (one >= 0) {
      close(one);
    }
  }
}

void Lifeline::connect(const std::string& address) {
  std::istringstream words(address);
  std::string host;
  std::uint16_t port = 0;
  words >> token_ >> port;
  int socket = -1;
  while (socket < 0 && words >> host) socket = connected(host, port);
  if (socket < 0) throw RunError("cannot reach rank 0's host over TCP");
  const std::string greeting = fmt::format("{}{:8}", token_, rank_);
  if (::send(socket, greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0) fail("cannot reach rank 0's host over TCP");
  sockets_.push_back(socket);
  ranks_.push_back(0);
}

void Lifeline::watch(std::function<void(int rank)> lost) {
  lost_ = std::move(lost);
  thread_ = std::thread([this] { look(); });
}

void Lifeline::part() {
  if (over_.exchange(true)) return;
  for (const int socket : sockets_) (void)::send(socket, ".", 1, MSG_NOSIGNAL);
}

void Lifeline::look() {
  const pid_t parent = getppid();
  std::vector<pollfd> all;
  for (const int socket : sockets_) all.push_back({socket, POLLIN, 0});
  while (!over_) {
    constexpr int look_about_ms = 200;
    const int heard = poll(all.data(), all.size(), look_about_ms);
    if (getppid() != parent) _exit(3);
    for (std::size_t i = 0; heard > 0 && i < all.size(); ++i) {
      if (all[i].revents == 0) continue;
      char word = 0;
      const ssize_t n = recv(all[i].fd, &word, 1, MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n <= 0 && !over_) lost_(ranks_[i]);
      all[i].fd = -1;  // it has parted
    }
  }
}

}  // namespace laconic::deploy
