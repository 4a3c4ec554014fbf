#include "sim/deploy/ranks.hpp"

#include <fmt/format.h>

#include <limits>

#include "algorithms/base/error.hpp"
#include "algorithms/base/text.hpp"
#include "sim/deploy/sent_files.hpp"

namespace laconic::deploy {

using namespace results;
using namespace scenario;

namespace {

using nlohmann::json;

// What the others need not measure would take them time: the loss's minimum.
json others_source(json source) {
  source["record"]["metrics"] = json::array({"loss"});
  for (const char* metric : metric_names) source["stop"].erase(metric);
  for (const char* key : {"claims", "sweep"}) source.erase(key);
  return source;
}

}  // namespace

Ranks::Ranks(Transport& transport, int workers)
    : post_(transport),
      placement_(transport.ranks(), workers),
      hosts_(static_cast<std::size_t>(transport.ranks()), "?") {
  hosts_[0] = transport.host();
}

std::string Ranks::words(int rank) const {
  return fmt::format("rank {} ({}, {})", rank, hosts_[static_cast<std::size_t>(rank)], placement_.words(rank));
}

void Ranks::tell_all(const Header& header, std::string_view text) {
  for (int rank = 1; rank < count(); ++rank) post_.send(rank, header, text);
}

nlohmann::ordered_json Ranks::greet(const Plan& plan, const Scenario& s, std::function<void(int)> lost) {
  if (count() - 1 > s.problem.M())
    throw InputError(fmt::format("{}: /workers: {} workers fill {} ranks at most, beside the server's, got {}", s.file,
                                 s.problem.M(), s.problem.M(), count() - 1));
  json source = others_source(plan.source);
  if (plan.send_data)
    source = send_files(source, plan.folder, [&](const std::string& name, const std::string& bytes) {
      tell_all({.kind = Kind::file, .run = -1}, name + '\0' + bytes);
    });
  const json told{
      {"source", source}, {"file", plan.file}, {"folder", plan.folder.string()}, {"lifeline", lifeline_.address()}};
  tell_all({.kind = Kind::plan, .run = -1}, told.dump());
  lifeline_.accept(count() - 1);
  lifeline_.watch(std::move(lost));
  const std::string digest = digest_of_data(s, plan.folder);
  for (int left = count() - 1; left > 0; --left) {
    const Letter letter = post_.receive();
    auto& host = hosts_[static_cast<std::size_t>(letter.rank)];
    if (letter.header.kind == Kind::refuse) throw InputError(fmt::format("rank {}: {}", letter.rank, letter.text()));
    const json ready = json::parse(letter.text());
    host = ready.at("host");
    if (ready.at("digest") != digest)
      throw InputError(fmt::format("{}: /data: {} has read other data from this path than rank 0 on {}", s.file,
                                   words(letter.rank), hosts_[0]));
  }
  nlohmann::ordered_json rank_of{{"server", 0}};
  for (int m = 0; m < s.problem.M(); ++m) rank_of[fmt::format("worker-{}", m)] = placement_.rank_of(m);
  return {{"ranks", count()}, {"mpi", post_.transport().library()}, {"hosts", hosts_}, {"rank_of", rank_of}};
}

void Ranks::begin(const Scenario& s, std::size_t i) {
  run_ = static_cast<int>(i);
  tell_all({.kind = Kind::begin, .run = run_});
  if (count() == 1) own_ = make_stations(s, i, placement_, post_);
  for (int left = count() - 1; left > 0; --left) await(Kind::ready, run_);
}

void Ranks::start() {
  tell_all({.kind = Kind::start, .run = run_});
  if (own_) own_->start();
}

void Ranks::onward(Round limit) {
  Letter letter;
  letter.header = {.kind = Kind::onward, .run = run_, .round = limit};
  tell_all(letter.header);
  if (own_) own_->take(letter);
}

void Ranks::over(int run) {
  own_.reset();
  tell_all({.kind = Kind::over, .run = run});
}

void Ranks::part() {
  lifeline_.part();
  tell_all({.kind = Kind::over, .run = -1});
}

std::vector<Record> Ranks::clocks() {
  constexpr int pings = 10;
  std::vector<Record> out;
  for (int rank = 1; rank < count(); ++rank) {
    std::int64_t fastest = std::numeric_limits<std::int64_t>::max();
    Record& best = out.emplace_back();
    for (int i = 0; i < pings; ++i) {
      const std::int64_t asked = now_ns();
      post_.send(rank, {.kind = Kind::ping, .run = run_});
      const Letter pong = await(Kind::pong, run_);
      const std::int64_t took = pong.taken_ns - asked, middle = asked + took / 2;
      if (took >= fastest) continue;
      fastest = took;
      best = {.what = Record::What::clock, .end_rank = rank, .flops = 0.5e-9 * static_cast<double>(took)};
      best.start_ns = middle;
      best.end_ns = pong.header.sent_ns - middle;
    }
  }
  return out;
}

Letter Ranks::receive() {
  for (;;) {
    Letter letter = post_.receive();
    const Header& h = letter.header;
    if (h.run != run_) continue;  // of an algorithm that has ended
    if (h.kind == Kind::failed)
      throw RunError(fmt::format("{}: {}", words(letter.rank), printable(std::string(letter.text()))));
    const bool for_workers =
        h.kind == Kind::down || h.kind == Kind::again || h.kind == Kind::peer || h.kind == Kind::hush;
    if (own_ && for_workers)
      own_->take(letter);
    else
      return letter;
  }
}

Letter Ranks::await(Kind kind, int run) {
  for (;;) {
    Letter letter = receive();
    if (letter.header.kind == kind && letter.header.run == run) return letter;
  }
}

}  // namespace laconic::deploy
