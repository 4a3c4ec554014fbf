#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/deploy/lifeline.hpp"
#include "sim/deploy/log.hpp"
#include "sim/deploy/plan.hpp"
#include "sim/deploy/stations.hpp"

namespace laconic::deploy {

/// The ranks of a deployed run, as rank 0 has them at hand.
class Ranks {
 public:
  Ranks(Transport& transport, int workers);

  /// Tells them what is to be run, and hears whether they can. `lost` is Lifeline::watch's. Returns what run.json says
  /// of them. Throws InputError where one cannot, or has read other data.
  nlohmann::ordered_json greet(const Plan& plan, const scenario::Scenario& scenario, std::function<void(int)> lost);
  /// Has all of them make ready for algorithm i.
  void begin(const scenario::Scenario& scenario, std::size_t i);
  /// Lets them go.
  void start();
  /// Nodes may begin rounds up to, and without, this one.
  void onward(Round limit);
  /// Algorithm `run` is at an end.
  void over(int run);
  /// All is.
  void part();

  /// Where the clocks of the others are, by ten pings each.
  std::vector<Record> clocks();
  /// The next letter of the present algorithm that is for rank 0: what is for workers of its own they have taken.
  /// Throws RunError where a rank has failed.
  Letter receive();

  Post& post() { return post_; }
  const Placement& placement() const { return placement_; }
  int count() const { return post_.transport().ranks(); }
  /// "rank 2 (node-3, workers 4 to 6)".
  std::string words(int rank) const;

 private:
  void tell_all(const Header& header, std::string_view text = {});
  Letter await(Kind kind, int run);

  Post post_;
  Placement placement_;
  Lifeline lifeline_;
  std::vector<std::string> hosts_;
  std::unique_ptr<Stations> own_;  // where this rank is alone
  int run_ = -1;
};

}  // namespace laconic::deploy
