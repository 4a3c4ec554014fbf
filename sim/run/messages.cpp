#include "sim/run/messages.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <type_traits>

namespace laconic::run {

using namespace results;

namespace {

struct Header {
  Frame::Kind kind;
  std::uint32_t size;
};

struct Ending {
  Row last;
  Stop stop;
  double wall_s;
};

template <class T>
std::string bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T value_at(const std::string& bytes, std::size_t at) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::memcpy(static_cast<void*>(&value), bytes.data() + at, sizeof value);
  return value;
}

void send(int pipe, Frame::Kind kind, const std::string& payload) {
  const std::string frame = bytes_of(Header{kind, static_cast<std::uint32_t>(payload.size())}) + payload;
  for (std::size_t sent = 0; sent < frame.size();) {
    const ssize_t n = write(pipe, frame.data() + sent, frame.size() - sent);
    if (n < 0 && errno != EINTR) return;  // nobody listens any more
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

}  // namespace

void send_progress(int pipe, const JobState& state) { send(pipe, Frame::Kind::progress, bytes_of(state)); }
void send_error(int pipe, const std::string& what) { send(pipe, Frame::Kind::error, what); }

void send_result(int pipe, const JobResult& result) {
  std::string payload = bytes_of(Ending{result.last, result.stop, result.wall_s});
  for (const auto& row : result.reached) payload += bytes_of(row);
  send(pipe, Frame::Kind::result, payload);
}

JobState progress_of(const Frame& frame) { return value_at<JobState>(frame.payload, 0); }

JobResult result_of(const Frame& frame) {
  const auto ending = value_at<Ending>(frame.payload, 0);
  JobResult result{ending.last, ending.stop, {}, ending.wall_s};
  for (std::size_t at = sizeof(Ending); at < frame.payload.size(); at += sizeof(std::optional<Row>))
    result.reached.push_back(value_at<std::optional<Row>>(frame.payload, at));
  return result;
}

FrameReader::FrameReader(int pipe) : pipe_(pipe) {
  if (pipe_ >= 0) fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

std::optional<Frame> FrameReader::next() {
  char chunk[4096];
  while (!ended_) {
    const ssize_t n = read(pipe_, chunk, sizeof chunk);
    if (n > 0)
      buffer_.append(chunk, static_cast<std::size_t>(n));
    else if (n == 0)
      ended_ = true;
    else if (errno != EINTR)
      break;
  }
  if (buffer_.size() < sizeof(Header)) return {};
  const auto header = value_at<Header>(buffer_, 0);
  if (buffer_.size() < sizeof(Header) + header.size) return {};
  Frame frame{header.kind, buffer_.substr(sizeof(Header), header.size)};
  buffer_.erase(0, sizeof(Header) + header.size);
  return frame;
}

void FrameReader::close() {
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = -1;
}

}  // namespace laconic::run
