#include "sim/deploy/rank.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "algorithms/base/error.hpp"
#include "sim/deploy/lifeline.hpp"
#include "sim/deploy/sent_files.hpp"
#include "sim/deploy/stations.hpp"
#include "sim/processes/interrupts.hpp"

namespace laconic::deploy {

using namespace processes;
using namespace scenario;

namespace {

using nlohmann::json;

// A rank other than 0: it does what letters say, in their order.
class Rank {
 public:
  explicit Rank(Transport& transport) : post_(transport), lifeline_(transport.rank()) {}

  int live() {
    for (;;) {
      const Letter letter = post_.receive();
      try {
        if (!take(letter)) return exit_done;
      } catch (const std::exception& e) {
        post_.send(0, {.kind = known_ ? Kind::failed : Kind::refuse, .run = letter.header.run},
                   std::string_view(e.what()));
      }
    }
  }

 private:
  // Returns false when all is over.
  bool take(const Letter& letter) {
    const Header& h = letter.header;
    switch (h.kind) {
      case Kind::file: {
        const std::string_view all = letter.text();
        sent_.add(std::string(all.substr(0, all.find('\0'))), all.substr(all.find('\0') + 1));
        break;
      }
      case Kind::plan:
        know(json::parse(letter.text()));
        break;
      case Kind::ping:
        post_.send(0, {.kind = Kind::pong, .run = h.run});
        break;
      case Kind::begin:
        stations_ = make_stations(*known_, static_cast<std::size_t>(h.run), *placement_, post_);
        run_ = h.run;
        post_.send(0, {.kind = Kind::ready, .run = h.run});
        break;
      case Kind::over:
        stations_.reset();
        if (h.run >= 0) break;
        lifeline_.part();
        return false;
      default:  // what was on its way when its algorithm came to an end has nobody to go to
        if (!stations_ || h.run != run_) break;
        if (h.kind == Kind::start)
          stations_->start();
        else
          stations_->take(letter);
    }
    return true;
  }

  void know(const json& plan) {
    lifeline_.connect(plan.at("lifeline"));
    lifeline_.watch([](int) { _exit(exit_failed); });
    std::filesystem::path folder = plan.at("folder").get<std::string>();
    if (!sent_.folder().empty()) folder = sent_.folder();
    Scenario s = make_scenario(plan.at("source"), plan.at("file"), folder);
    const json ready{{"digest", digest_of_data(s, folder)}, {"host", post_.transport().host()}, {"process", getpid()}};
    placement_.emplace(post_.transport().ranks(), s.problem.M());
    known_.emplace(std::move(s));
    post_.send(0, {.kind = Kind::ready, .run = -1}, ready.dump());
  }

  Post post_;
  Lifeline lifeline_;
  SentFiles sent_;
  std::optional<Scenario> known_;
  std::optional<Placement> placement_;
  std::unique_ptr<Stations> stations_;
  int run_ = -1;
};

}  // namespace

void dismiss() {
  const auto transport = open_transport();
  Post post(*transport);
  for (int rank = 1; rank < transport->ranks(); ++rank) post.send(rank, {.kind = Kind::over, .run = -1});
  transport->close();
}

int be_rank() {
  const CountedInterrupts heeded;  // by rank 0 alone: the others end when it does
  const auto transport = open_transport();
  if (transport->rank() == 0) throw InputError("laconic deploy: is rank 0, and was told to be another");
  const int code = Rank(*transport).live();
  transport->close();
  return code;
}

}  // namespace laconic::deploy
