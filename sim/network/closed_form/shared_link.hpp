#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace laconic::network {

/// A transfer over a link that others share.
struct Transfer {
  double start;  ///< when it starts, s
  double bytes;
  double most;    ///< byte/s, > 0: what its own links carry
  double weight;  ///< > 0: where the link is too narrow for all, shares are in proportion to weights
};

/// A link that is shared out weighted max-min fairly at every instant: there is a level such that each transfer has
/// weight times level, or the most it can take if that is less, and what is left over is nothing, or nobody can take
/// more. (Bertsekas and Gallager: "Data Networks", 1992, section 6.5.2.) Takes a few logarithmic steps for each
/// transfer, and allocates nothing once it has carried as many. Either all transfers are known beforehand (carry), or
/// each starts when it does (start, share, next_end, advance).
class SharedLink {
 public:
  /// `capacity` is in byte/s, > 0; infinite: there is no link to share.
  explicit SharedLink(double capacity) : capacity_(capacity) {}

  /// Sets ends[i] to when transfer i is over, s, exact to some units in the last place of the latest end.
  void carry(std::span<const Transfer> transfers, std::span<double> ends);

  /// Starts transfer number i, which is not under way, at the date of its start; all that ends before must have been
  /// taken by advance(). All that starts at one date does so before share(): what a transfer has left is known to the
  /// last digit of a date, and to share the link out anew between two of a thousand would multiply that by a thousand.
  void start(std::uint32_t i, const Transfer& transfer);
  /// Shares the link out among those that have started; before next_end() and advance().
  void share();
  /// When the next transfer is over if no other starts before, s; infinite: none is under way.
  double next_end();
  /// Moves on to this date, at most to next_end(), and appends the numbers of the transfers that are over then.
  void advance(double date, std::vector<std::uint32_t>& over);

 private:
  // A sum of numbers that come and go, exact but for the last digits of what is left.
  struct Sum {
    double high = 0, low = 0;
    void add(double x);
    operator double() const { return high + low; }
  };

  struct Flow {
    enum { away, limited, sharing } is = away;  // limited: it takes the most it can
    double most = 0, weight = 0;                // its transfer's
    double end = 0;                             // when it is over: in s while limited, on served_'s scale while sharing
    std::uint32_t moves = 0;                    // how often it has moved: queue entries of fewer moves are out of date
  };

  class Queue {  // yields the entry with the least key first
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
  double ratio(std::uint32_t i) const { return flows_[i].most / flows_[i].weight; }

  double capacity_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> order_;  // the transfers in the order of their starts
  double now_ = 0;
  double served_ = 0;  // bytes per weight that each sharing flow got since the link began to be shared
  std::size_t sharers_ = 0;
  Sum weights_, taken_;                    // the weights of those that share; the byte/s of those that are limited
  Queue by_served_, by_date_;              // keys: when sharing flows end, when limited flows end
  Queue sharing_ratios_, limited_ratios_;  // keys: the level at which a flow is limited; its negative
};

}  // namespace laconic::network
