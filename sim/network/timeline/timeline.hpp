#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "algorithms/core/types.hpp"
#include "platforms/platform.hpp"

namespace simgrid::s4u {
class Link;
}

namespace laconic::network {

/// What happened in one round, in seconds since its start.
struct Recording {
  enum class Kind : std::uint8_t { receive, compute, send, lost, off };
  struct Span {
    std::uint32_t host;
    Kind kind;
    double from, to;
  };
  struct Use {
    std::uint32_t link;
    double at, value;
  };
  struct Outage {
    std::uint32_t link;
    double from, to;
  };
  double duration = 0;
  std::vector<Span> spans;
  std::vector<Outage> outages;
  std::vector<Use> uses;
};

/// Writes what simulated hosts and links do in Chrome's trace-event format
/// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), as events that each begin with a
/// comma, to be put into a list. Each host has a track on which it is always in one state: receive, compute, send, what
/// of these it does at once ("receive+send"), wait, or off; "lost" among them is what a failure then cut short, in this
/// round. What could not even begin is an instant, "lost". Each link that is used has a counter: MB/s, or for Wi-Fi the
/// percentage of air time; one that fails has a track, too, with its outages. An algorithm is two processes there, one
/// of its hosts and one of its links. Times are whole nanoseconds.
///
/// A round that is not simulated again repeats what was recorded of its like, at its own time.
class Timeline {
 public:
  /// Writes rounds first to last, counted from 1. `number` tells algorithms apart.
  Timeline(std::FILE* out, const std::string& label, int number, Round first, Round last);

  /// From here on, the engine's links are listened to.
  void open(simgrid::s4u::Engine& engine, const platforms::Deployment& hosts);
  /// A round begins: what follows is recorded until end_round.
  void begin_round(double engine_clock);
  void computed(const simgrid::s4u::Host* host, double from, double to, bool lost = false);
  /// A message was under way, from when it was sent until all of it had arrived, or was lost.
  void carried(const simgrid::s4u::Host* from, const simgrid::s4u::Host* to, double sent, double arrived,
               bool lost = false);
  /// A host, or a link, was down.
  void off(const simgrid::s4u::Host* host, const simgrid::s4u::Link* link, double from, double to);
  std::shared_ptr<const Recording> end_round(double engine_clock);
  /// Which host, and which link, stands for which.
  struct Exchange {
    std::unordered_map<const simgrid::s4u::Host*, const simgrid::s4u::Host*> hosts;
    std::unordered_map<const simgrid::s4u::Link*, const simgrid::s4u::Link*> links;
  };
  /// A copy of the recording with hosts and links exchanged.
  std::shared_ptr<const Recording> exchanged(const Recording& recording, const Exchange& exchange) const;

  /// Writes that round k, counted from 0, began at this time of the run's clock and went like this.
  void write(Round k, double clock, const Recording& recording);
  /// Whether rounds from k on may still be written.
  bool wants(Round k) const { return k < last_; }

 private:
  std::uint32_t host_number(const simgrid::s4u::Host* host);
  void use_links(double delta);
  void add(const simgrid::s4u::Host* host, Recording::Kind kind, double from, double to);
  void event(const std::string& text);
  static std::int64_t thread(int process, std::uint32_t track);
  void name_track(int process, std::uint32_t track, const std::string& name);
  void write_slice(int process, std::uint32_t track, std::int64_t from, std::int64_t to, const std::string& name,
                   Round k);

  std::FILE* out_;
  int hosts_process_, links_process_;
  Round first_, last_;
  bool recording_on_ = false;
  double start_ = 0;
  Recording recording_;
  std::unordered_map<const simgrid::s4u::Host*, std::uint32_t> hosts_;
  std::vector<simgrid::s4u::Link*> links_;
  std::vector<std::string> link_names_;  // as JSON strings
  std::vector<bool> link_tracks_;        // whether the link's track has been named
  std::vector<bool> air_;
  std::vector<double> now_;  // what each link carried last
};

}  // namespace laconic::network
