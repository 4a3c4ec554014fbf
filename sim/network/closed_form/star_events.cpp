#include "sim/network/closed_form/star_events.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "sim/network/closed_form/shared_link.hpp"

namespace laconic::network {

using namespace platforms;
using namespace rounds;

namespace {

class StarEvents {
 public:
  StarEvents(AsynchronousRun& run, const ClusterPlan& cluster)
      : run_(run),
        star_(*cluster.star),
        slowdown_(cluster.conditions.slowdown()),
        stations_(star_.workers.size()),
        down_(star_.down),
        up_(star_.up) {
    if (!cluster.connections) return;
    to_workers_.emplace(cluster.connections->rules, cluster.connections->down);
    to_server_.emplace(cluster.connections->rules, cluster.connections->up);
  }

  void run() {
    start(0, run_.begin());
    while (!run_.over()) {
      while (arrivals_.empty()) next();
      const double date = arrived_;
      while (next_date() <= date * AsynchronousRun::instant) next();
      const auto errands = run_.take(date, arrivals_);
      arrivals_.clear();
      if (!run_.over()) start(date, errands);
    }
  }

 private:
  enum class Stage { on_its_way_down, computing, on_its_way_up };
  struct Station {
    Stage stage = Stage::on_its_way_down;
    std::uint64_t down = 0;
    std::optional<std::uint64_t> up;
    Round messages = 1;  // that it has to send yet
    double seconds = 0;  // of its computation
  };
  struct Event {  // the end of a latency, or of a computation
    double date;
    std::uint32_t m;
    bool operator>(const Event& other) const { return date > other.date || (date == other.date && m > other.m); }
  };

  void start(double date, std::span<const Errand> errands) {
    for (const Errand& errand : errands) {
      const auto m = static_cast<std::size_t>(errand.m);
      const double flops = errand.flops * (slowdown_ ? slowdown_(errand.m, errand.n) : 1);
      stations_[m] = {Stage::on_its_way_down, errand.down, errand.up, errand.messages, flops / star_.workers[m].speed};
      const double wait = to_workers_ ? to_workers_->send({errand.m, static_cast<double>(errand.down)}, date) : 0;
      post(date + wait + star_.workers[m].down.latency, m);
    }
  }

  void start_upload(double date, std::size_t m) {
    const double wait =
        to_server_ ? to_server_->send({static_cast<int>(m), static_cast<double>(*stations_[m].up)}, date) : 0;
    post(date + wait + star_.workers[m].up.latency, m);
  }

  void post(double date, std::size_t m) {
    events_.push_back({date, static_cast<std::uint32_t>(m)});
    std::push_heap(events_.begin(), events_.end(), std::greater());
  }

  double next_event() const { return events_.empty() ? std::numeric_limits<double>::infinity() : events_.front().date; }
  double next_date() { return std::min({next_event(), down_.next_end(), up_.next_end()}); }

  // Handles what happens next.
  void next() {
    const double down = down_.next_end(), up = up_.next_end(), own = next_event();
    ends_.clear();
    if (down <= up && down <= own) {
      down_.advance(down, ends_);
      for (const auto m : ends_) received(down, m);
    } else if (up <= own) {
      up_.advance(up, ends_);
      for (const auto m : ends_) {
        if (to_server_) to_server_->arrived(static_cast<int>(m), up);
        if (--stations_[m].messages > 0)
          start_upload(up, m);
        else
          arrive(up, m);
      }
    } else {
      while (next_event() == own) {
        std::pop_heap(events_.begin(), events_.end(), std::greater());
        const std::uint32_t m = events_.back().m;
        events_.pop_back();
        happen(own, m);
      }
      down_.share();
      up_.share();
    }
  }

  void happen(double date, std::uint32_t m) {
    Station& station = stations_[m];
    const auto& worker = star_.workers[m];
    if (station.stage == Stage::on_its_way_down) return carry(down_, date, m, station.down, worker.down);
    if (station.stage == Stage::on_its_way_up) return carry(up_, date, m, *station.up, worker.up);
    if (!station.up) return arrive(date, m);
    station.stage = Stage::on_its_way_up;
    start_upload(date, m);
  }

  // SimGrid's model gives a transfer without latency the weight of one with a second's.
  static void carry(SharedLink& link, double date, std::uint32_t m, std::uint64_t bytes, const Star::Links& links) {
    link.start(m, {date, static_cast<double>(bytes), links.most, links.latency > 0 ? 1 / links.latency : 1});
  }

  void received(double date, std::uint32_t m) {
    if (to_workers_) to_workers_->arrived(static_cast<int>(m), date);
    stations_[m].stage = Stage::computing;
    post(date + stations_[m].seconds, m);
  }

  void arrive(double date, std::uint32_t m) {
    arrived_ = arrivals_.empty() ? date : std::min(arrived_, date);
    arrivals_.push_back({static_cast<int>(m), stations_[m].seconds});
  }

  AsynchronousRun& run_;
  const Star& star_;
  const std::function<double(int m, Round n)> slowdown_;
  std::vector<Station> stations_;
  std::vector<Event> events_;  // a heap
  SharedLink down_, up_;
  std::optional<Connections> to_workers_, to_server_;
  std::vector<std::uint32_t> ends_;
  std::vector<Arrival> arrivals_;  // that nobody has taken
  double arrived_ = 0;             // when the first of them came, s
};

}  // namespace

void run_star_events(AsynchronousRun& run, const ClusterPlan& cluster) { StarEvents(run, cluster).run(); }

}  // namespace laconic::network
