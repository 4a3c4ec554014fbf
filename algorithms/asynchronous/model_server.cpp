#include "algorithms/asynchronous/model_server.hpp"

#include <algorithm>
#include <numeric>

namespace laconic::asynchronous {
namespace {

class ModelServer final : public AsynchronousServer, private Answers {
 public:
  ModelServer(int M, ModelServerParts parts, const RoundOptions& options)
      : parts_(std::move(parts)),
        options_(options),
        workers_(static_cast<std::size_t>(M)),
        decoded_(options.d),
        some_idle_(!parts_.concurrency.all(M)) {
    first_.resize(workers_.size());
    std::iota(first_.begin(), first_.end(), 0);
    if (some_idle_) choose_first();
  }

  const std::vector<int>& first() const override { return first_; }

  Taken take(int m, const Message* upload) override {
    Worker& worker = workers_[static_cast<std::size_t>(m)];
    const Round before = parts_.model.k, tau = before - worker.version;
    ++arrivals_;
    if (!upload) {
      parts_.rule->take_silence(m, parts_.model, *this);
      return {true, tau, parts_.model.k > before};
    }
    if (!parts_.rule->accepts(tau)) {
      model(m);
      return {false, tau, false};
    }
    decode(*parts_.compressor, *upload, options_, static_cast<std::uint32_t>(m), worker.answers - 1, decoded_);
    if (parts_.shift) add_kept(worker);
    if (parts_.scale != 1) decoded_ *= parts_.scale;
    parts_.rule->take({m, tau, decoded_, worker.model.get()}, parts_.model, *this);
    return {true, tau, parts_.model.k > before};
  }

  void ask(int m, bool forgot) override {
    Worker& worker = workers_[static_cast<std::size_t>(m)];
    if (forgot) worker.version = nothing;
    worker.goes_on = false;
    due_.push_back(m);
  }

  std::vector<int> due() override {
    std::sort(due_.begin(), due_.end());
    return std::exchange(due_, {});
  }

  std::shared_ptr<const Message> answer(int m) override {
    Worker& worker = workers_[static_cast<std::size_t>(m)];
    const Round n = worker.answers++;
    if (worker.version == parts_.model.k || (worker.goes_on && worker.version != nothing)) return nullptr;
    worker.version = parts_.model.k;
    // All who get one version get one message, unless the encoder draws for each.
    const bool fresh = version_encoded_ != worker.version || (parts_.downlink->lossy() && answer_encoded_ != n);
    if (fresh) {
      auto message = std::make_shared<Message>();
      encode(*parts_.downlink, parts_.model.theta, options_, server_sends, n, *message);
      encoded_ = std::move(message);
      if (parts_.rule->needs_models() && version_encoded_ != worker.version)
        model_ = std::make_shared<const Vector>(parts_.model.theta);
      version_encoded_ = worker.version;
      answer_encoded_ = n;
    }
    worker.model = model_;
    return encoded_;
  }

  Round version() const override { return parts_.model.k; }
  const Vector& model() const override { return parts_.model.theta; }

 private:
  static constexpr Round nothing = -1;

  struct Worker {
    Round version = nothing;              // of the model that it holds
    Round answers = 0;                    // how many it got: its messages have the number of the last
    bool goes_on = false;                 // its next answer is a notice
    std::shared_ptr<const Vector> model;  // what it holds, if the rule needs that
    Vector kept;                          // where it sends differences: what they have added up to
  };

  void choose_first() {
    Rng rng(options_.seed, Purpose::clients, 0, 0);
    const auto busy = static_cast<std::size_t>(parts_.concurrency.busy);
    for (std::size_t i = 0; i < busy; ++i) std::swap(first_[i], first_[i + rng.below(first_.size() - i)]);
    idle_.assign(first_.begin() + static_cast<std::ptrdiff_t>(busy), first_.end());
    first_.resize(busy);
    std::sort(first_.begin(), first_.end());
    std::sort(idle_.begin(), idle_.end());
  }

  void add_kept(Worker& worker) {
    if (worker.kept.size() == 0) worker.kept.setZero(options_.d);
    sent_ = decoded_;
    decoded_ += worker.kept;
    worker.kept += *parts_.shift * sent_;
  }

  void model(int m) override {
    const int to = some_idle_ ? successor(m) : m;
    workers_[static_cast<std::size_t>(to)].goes_on = false;
    due_.push_back(to);
  }
  void go_on(int m) override {
    workers_[static_cast<std::size_t>(m)].goes_on = true;
    due_.push_back(m);
  }

  // Worker m joins the idle ones, and one of them is drawn.
  int successor(int m) {
    idle_.insert(std::upper_bound(idle_.begin(), idle_.end(), m), m);
    Rng rng(options_.seed, Purpose::clients, 1, arrivals_);
    const auto drawn = idle_.begin() + static_cast<std::ptrdiff_t>(rng.below(idle_.size()));
    const int out = *drawn;
    idle_.erase(drawn);
    return out;
  }

  ModelServerParts parts_;
  RoundOptions options_;
  std::vector<Worker> workers_;
  Vector decoded_, sent_;
  bool some_idle_;
  std::vector<int> first_, due_, idle_;  // idle_ ascends
  std::uint64_t arrivals_ = 0;
  Round version_encoded_ = nothing, answer_encoded_ = nothing;
  std::shared_ptr<const Message> encoded_;  // what was encoded last
  std::shared_ptr<const Vector> model_;     // the model that was
};

}  // namespace

std::unique_ptr<AsynchronousServer> make_model_server(int M, ModelServerParts parts, const RoundOptions& options) {
  return std::make_unique<ModelServer>(M, std::move(parts), options);
}

}  // namespace laconic::asynchronous
