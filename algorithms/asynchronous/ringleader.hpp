#pragma once

#include <algorithm>

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

inline constexpr methods::MethodDoc ringleader_doc{
    .title = "Ringleader ASGD: every step has a gradient of every worker, however unequal they are (asynchronous)",
    .box = R"(server sends theta^0 to all workers
worker m:  receives theta^v or a notice, draws xi, sends c_m = grad l(theta^v; xi)
update:    theta^{k+1} = theta^k - gamma_k (1/M) sum_m (mean of slot m);  k = k + 1
phase 1:   c_m joins slot m; while a slot is empty, m gets a notice and goes on with the model that it holds
           else: update, m gets the model, S = all others, phase 2
phase 2:   from m in S:      c_m joins slot m; update; m gets the model and leaves S
           from m outside S: c_m joins slot m of a second table; m gets a notice and goes on
           S empty: the second table becomes the table, phase 1)",
    .differences = "none.",
    .bits = "w d",
    .citation = "Maranjyan, Richtarik: \"Ringleader ASGD\", ICLR 2026",
};

/// For each worker the mean of its vectors, and their sum over the workers.
class MeansTable {
 public:
  MeansTable(std::size_t M, Index d) : slots_(M), of_means_(Vector::Zero(d)) {}
  void join(int m, const Vector& c) {
    Slot& slot = slots_[static_cast<std::size_t>(m)];
    if (slot.count++ == 0) {
      ++filled_;
      slot.mean = c;
      of_means_ += c;
      return;
    }
    moved_ = (c - slot.mean) / static_cast<double>(slot.count);
    slot.mean += moved_;
    of_means_ += moved_;
  }
  bool full() const { return filled_ == slots_.size(); }
  Vector mean() const { return of_means_ / static_cast<double>(slots_.size()); }
  void clear() {
    for (Slot& slot : slots_) slot.count = 0;
    of_means_.setZero();
    filled_ = 0;
  }

 private:
  struct Slot {
    Vector mean;
    Round count = 0;
  };
  std::vector<Slot> slots_;
  Vector of_means_, moved_;
  std::size_t filled_ = 0;
};

class Ringleader final : public Rule {
 public:
  Ringleader(int M, Index d)
      : in_S_(static_cast<std::size_t>(M), false), table_(in_S_.size(), d), second_(in_S_.size(), d) {}

  void take(const Upload& u, Model& model, Answers& answers) override {
    const auto m = static_cast<std::size_t>(u.m);
    if (S_ == 0) {  // phase 1
      table_.join(u.m, u.c);
      if (!table_.full()) return answers.go_on(u.m);
      model.step(table_.mean());
      answers.model(u.m);
      in_S_.assign(in_S_.size(), true);
      in_S_[m] = false;
      S_ = in_S_.size() - 1;
    } else if (in_S_[m]) {
      table_.join(u.m, u.c);
      model.step(table_.mean());
      answers.model(u.m);
      in_S_[m] = false;
      --S_;
    } else {
      second_.join(u.m, u.c);
      return answers.go_on(u.m);
    }
    if (S_ > 0) return;
    std::swap(table_, second_);
    second_.clear();
  }

 private:
  std::vector<bool> in_S_;
  std::size_t S_ = 0;  // how many are in S; none: phase 1
  MeansTable table_, second_;
};

inline AsynchronousMethod ringleader(const Setup& s, Params& in) {
  refuse_concurrency(in, "every step here has a gradient of every worker");
  return compose(s, in, {}, {s.M()}, std::make_unique<Ringleader>(s.M(), s.d()));
}

}  // namespace laconic::asynchronous
