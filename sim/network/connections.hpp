#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "platforms/built/survey.hpp"

/// What TCP adds to the time of a message: how long it waits before it flows, of which SharedLink and SimGrid know
/// nothing. A connection's window is small when it is new and after it was idle, and a message beyond the window waits
/// for acknowledgements, round trip after round trip; copies that one host sends leave it one after another.
///
/// Windows are those of Linux without losses: slow start from 10 segments (RFC 6928), doubling a round trip (RFC 5681,
/// 3.1), until HyStart finds the path full (Ha and Rhee: "Taming the elephants", 2011; Linux' tcp_cubic.c); from then
/// on 5 % a round trip; after idle times beyond the retransmission timeout halved once for each (RFC 5681, 4.1). What
/// a transfer then takes is in Cardwell, Savage and Anderson: "Modeling TCP latency", 2000. How near that comes to
/// real connections is in platforms/README.md.
namespace laconic::network {

enum class Congestion { cubic, bbr };

struct ConnectionRules {
  double payload = 1448;         ///< bytes of a full segment without its headers
  double header = 66;            ///< bytes of a segment's headers, and of an acknowledgement
  double initial_window = 10;    ///< segments
  double send_buffer = 4 << 20;  ///< bytes of payload that may be on their way
  Congestion congestion = Congestion::cubic;
  /// How many segments of one connection stand in its host's own queue at most (TCP small queues).
  double burst = std::numeric_limits<double>::infinity();
  bool store_and_forward = true;  ///< whether every hop receives a whole segment before it passes it on

  double segment() const { return payload + header; }
  double most_window() const { return send_buffer > payload ? send_buffer / payload : 1; }
  double first_window() const { return initial_window < most_window() ? initial_window : most_window(); }
};

/// The way of a message. Rates are in byte/s, and may be infinite.
struct Way {
  double latency;      ///< s
  double rate;         ///< of its narrowest link
  double share;        ///< what is its own of its narrowest place while all flow that flow with it
  double sharers = 1;  ///< how many flow there, itself included; a shorter message counts as a part
};

/// One direction of a TCP connection: its window, and what it has learned of its path.
class Connection {
 public:
  explicit Connection(const ConnectionRules& rules) : window_(rules.first_window()) {}

  struct Departure {
    double wait;         ///< for acknowledgements, in all, s
    double last_flight;  ///< segments that leave after the last wait
  };

  /// A message of so many bytes, headers included, is written at this date, s.
  Departure send(const ConnectionRules& rules, const Way& way, double bytes, double date);
  /// Its last byte left at this date, s.
  void sent(double date) { last_sent_ = date; }

 private:
  static constexpr double endless = std::numeric_limits<double>::infinity();

  void rest(const ConnectionRules& rules, double trip, double date);
  void acknowledge(const ConnectionRules& rules, const Way& way, double trip, double flight, bool limited);
  double room(const ConnectionRules& rules, const Way& way, double trip, double flight) const;
  void pace(const ConnectionRules& rules, const Way& way, double trip, double n, Departure& out) const;

  double window_;               // segments
  double threshold_ = endless;  // segments: where slow start ends; endless: the path has not been found full yet
  double last_sent_ = -endless;
  double queued_ = 0;     // s that the last message's own queue made of a round trip
  double delivered_ = 0;  // bbr: segments a round trip, the most that it has seen
  bool fresh_ = true;
};

/// The ways between the server and each worker, in one direction.
struct Ways {
  static constexpr double air = 0;  ///< the rate of a link whose rate is each path's own
  struct Path {
    double latency = 0;               ///< s
    double rate = 0;                  ///< of its narrowest link, byte/s
    double other_hops = 0;            ///< s per byte: the sum of 1/rate of all links but the narrowest
    std::vector<std::size_t> shared;  ///< its links that others may share, numbers in `rates`
  };
  std::vector<double> rates;  ///< of links, byte/s, or `air`
  std::vector<Path> paths;
  /// The narrowest link that all paths have, byte/s; infinite where there is none, or one path.
  double common = std::numeric_limits<double>::infinity();
};

Ways ways_of(const platforms::Survey& survey, const std::vector<platforms::Survey::Path>& paths);

/// What a cluster's connections are made of.
struct ConnectionPlan {
  ConnectionRules rules;
  Ways down, up;
};

/// The connections that carry what a server sends to each worker, or each worker to it.
class Connections {
 public:
  struct Message {
    int worker;
    double bytes;  ///< headers included
  };

  /// Both must outlive this.
  Connections(const ConnectionRules& rules, const Ways& ways);

  /// The server writes these messages at this date, s, in their order. Sets waits[i] to how much later message i
  /// flows, s: what leaves in one flight leaves after what stands before it.
  void broadcast(std::span<const Message> messages, double date, std::span<double> waits);
  /// These messages will be written, each in its own time: from now on, who shares the links is known.
  void expect(std::span<const Message> messages);
  /// A worker writes a message at this date, s, one that was expected, or else one that flows alone. Returns how much
  /// later it flows, s.
  double send(const Message& message, double date);
  /// A message arrived at this date, s.
  void arrived(int worker, double date);

 private:
  Way alone(int worker) const;
  Way shared(const Message& message, double seconds) const;
  double sharers(std::size_t link, double seconds) const;
  void meet(std::span<const Message> messages);
  double passed_on(const Message& message) const;

  struct Users {  // of a link: how long messages take alone, s, ascending, and their sums
    std::vector<double> seconds, sums;
  };

  const ConnectionRules& rules_;
  const Ways& ways_;
  std::vector<Connection> connections_;
  std::vector<double> seconds_;  // that each of the messages takes alone
  std::vector<Users> users_;     // for each link
  std::vector<Way> expected_;    // for each worker; one of rate 0 is not
  std::vector<Connection::Departure> departures_;
  std::vector<std::size_t> order_;
};

}  // namespace laconic::network
