#include "sim/run/messages.hpp"

#include <cstring>
#include <type_traits>

#include "algorithms/base/child_process.hpp"

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
  write_all(pipe, bytes_of(Header{kind, static_cast<std::uint32_t>(payload.size())}) + payload);
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

std::optional<Frame> take_frame(std::string& said) {
  if (said.size() < sizeof(Header)) return {};
  const auto header = value_at<Header>(said, 0);
  if (said.size() < sizeof(Header) + header.size) return {};
  Frame frame{header.kind, said.substr(sizeof(Header), header.size)};
  said.erase(0, sizeof(Header) + header.size);
  return frame;
}

}  // namespace laconic::run
