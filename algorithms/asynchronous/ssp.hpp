#pragma once

#include <map>

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc ssp_doc{
    .title = "SSP: asynchronous SGD in which nobody is more than s steps ahead of the slowest (asynchronous)",
    .box = R"(server sends theta^0 to all workers;  clock_m = 0
worker m:  receives theta^v, draws xi, sends c_m = grad l(theta^v; xi)
server:    on c_m:  theta^{k+1} = theta^k - gamma_k (1/M) c_m;  k = k + 1;  clock_m = clock_m + 1
           sends theta^k to m once min_j clock_j >= clock_m - s)",
    .differences =
        "The whole model is one shared variable, and a worker reads it at the server, never from a cache. s = 0 is "
        "synchronous SGD, whose step is M steps here.",
    .bits = "w d",
    .citation =
        "Ho et al.: \"More effective distributed ML via a stale synchronous parallel parameter server\", NeurIPS 2013",
};

class Ssp final : public Rule {
 public:
  Ssp(int M, Round s) : s_(s), clock_(static_cast<std::size_t>(M), 0) { at_[0] = clock_.size(); }
  void take(const Upload& u, Model& model, Answers& answers) override {
    model.step(u.c / static_cast<double>(clock_.size()));
    Round& clock = clock_[static_cast<std::size_t>(u.m)];
    if (--at_[clock] == 0) at_.erase(clock);
    ++at_[++clock];
    waiting_[clock].push_back(u.m);
    const Round least = at_.begin()->first;
    while (!waiting_.empty() && waiting_.begin()->first - s_ <= least) {
      for (const int m : waiting_.begin()->second) answers.model(m);
      waiting_.erase(waiting_.begin());
    }
  }

 private:
  Round s_;
  std::vector<Round> clock_;
  std::map<Round, std::size_t> at_;            // how many workers have this clock
  std::map<Round, std::vector<int>> waiting_;  // those that have this clock and wait for their answer
};

inline AsynchronousMethod ssp(const Setup& s, Params& in) {
  refuse_concurrency(in, "the others would wait for their clocks");
  const Round bound = in.count("s", {}, 0, "steps that a worker may be ahead of the slowest; 0: synchronous SGD");
  return compose(s, in, {}, {s.M()}, std::make_unique<Ssp>(s.M(), bound));
}

}  // namespace laconic::asynchronous
