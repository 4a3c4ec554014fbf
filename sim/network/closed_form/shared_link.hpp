#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace laconic::network {

/// What is sent over a link that others share.
struct Transfer {
  double start;  ///< s
  double bytes;
  double most;    ///< byte/s, > 0: as much as its own links carry
  double weight;  ///< > 0: its part of what is too little for all is as its weight among theirs
};

/// A link that is shared out weighted max-min fairly at every instant: there is a level such that each transfer has
/// weight times level, or the most it can take if that is less, and what is left over is nothing, or nobody can take
/// more. (Bertsekas and Gallager: "Data Networks", 1992, section 6.5.2.) Some logarithmic steps a transfer, and no
/// allocation once it has carried as many.
class SharedLink {
 public:
  /// byte/s, > 0; infinite: there is no link to share.
  explicit SharedLink(double capacity) : capacity_(capacity) {}

  /// ends[i] = when transfer i is over, s. To some units in the last place of the longest.
  void carry(std::span<const Transfer> transfers, std::span<double> ends);

 private:
  // Of numbers that come and go: exact but for the last digits of what is left.
  struct Sum {
    double high = 0, low = 0;
    void add(double x);
    operator double() const { return high + low; }
  };

  struct Flow {
    enum { away, limited, sharing } is = away;  // limited: by the most it can take
    double end = 0;                             // limited: s; sharing: on served_'s scale
    std::uint32_t moves = 0;                    // entries of queues that are older mean nothing
  };

  class Queue {  // the least key first
   public:
    struct Entry {
      double key;
      std::uint32_t flow, moves;
    };
    void push(const Entry& entry);
    const Entry* first(const std::vector<Flow>& flows);
    void clear() { entries_.clear(); }

   private:
    std::vector<Entry> entries_;
  };

  double level() const;
  void step(double next_start);
  void enter(std::uint32_t i, double bytes);
  void limit(std::uint32_t i, double bytes);
  void leave(std::uint32_t i);
  void settle();
  double ratio(std::uint32_t i) const { return transfers_[i].most / transfers_[i].weight; }

  double capacity_;
  std::span<const Transfer> transfers_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> order_;  // of the starts
  double now_ = 0;
  double served_ = 0;  // bytes per weight, since somebody shares
  std::size_t sharers_ = 0;
  Sum weights_, taken_;                    // of those that share; by those that are limited, byte/s
  Queue by_served_, by_date_;              // when they end
  Queue sharing_ratios_, limited_ratios_;  // the latter's negative: at which level they are limited
};

}  // namespace laconic::network
