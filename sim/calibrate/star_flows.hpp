#pragma once

#include <limits>
#include <span>
#include <vector>

namespace laconic::calibrate {

inline constexpr double never = std::numeric_limits<double>::infinity();  ///< as a date, s

/// A star as it is fitted: a split-duplex link a host, and no latency at the server's.
struct FittedStar {
  std::vector<double> latency, bandwidth;                             ///< of each worker's link, s and byte/s
  double server_bandwidth = std::numeric_limits<double>::infinity();  ///< byte/s

  std::size_t hosts() const { return latency.size() + 1; }
  double path_latency(int from, int to) const;
};

/// A message that is written at a date, s, with all its bytes, headers too.
struct Sending {
  int from, to;  ///< as Activity's
  double start, bytes;
};

/// Messages under way on a star, as SimGrid's alpha-beta model has them: each waits for its path's latency and then has
/// its share of its sender's and its receiver's link, which are shared out weighted max-min fairly, with weights
/// 1/latency. Unlike SharedLink, this knows messages between workers, too.
class StarFlows {
 public:
  explicit StarFlows(const FittedStar& star) : star_(star) {}

  /// Adds a message, which has not been written before the last date of advance(). It is known by its number from then
  /// on: 0, 1, ...
  void send(const Sending& message);
  /// When something happens next, s: a message begins to flow or ends; infinite: nothing is under way.
  double next() const;
  /// Moves on to that date, and appends the numbers of the messages that have arrived then.
  void advance(double date, std::vector<std::size_t>& arrived);
  void clear();

 private:
  struct Flow {
    std::size_t number;
    std::size_t out, in;  // links
    double start, weight, left, rate, end;
  };
  void share();

  const FittedStar& star_;
  double now_ = 0;
  std::size_t count_ = 0;
  std::vector<Flow> waiting_, flowing_;
  struct Link {
    double left, weights;
  };
  std::vector<Link> links_;
  std::vector<std::size_t> open_;
};

/// Sets ends[i] to when message i has arrived.
void carry(const FittedStar& star, std::span<const Sending> messages, std::span<double> ends);

}  // namespace laconic::calibrate
