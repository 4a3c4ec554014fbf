#include "sim/claims/judge.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "algorithms/base/error.hpp"
#include "sim/claims/verdict_text.hpp"
#include "tests/sim/runs.hpp"

// Verdicts on curves whose numbers are known.

using namespace laconic::tests;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Columns round, sim_time_s, loss, loss_gap, accuracy, uploads. Row k: gap(k), k uploads a worker of `workers`, 2 s a
// round.
Curve curve(const std::string& name, Round rounds, const std::function<double(double)>& gap, double uploads = 1,
            std::uint64_t seed = 1, std::vector<std::string> point = {}, double seconds = 2) {
  Curve out{name, seed, std::move(point), {}, false};
  for (Round k = 0; k <= rounds; ++k) {
    const auto t = static_cast<double>(k);
    out.rows.push_back({t, seconds * t, gap(t) + 1, gap(t), 1 - gap(t), uploads * t});
  }
  out.diverged = !std::isfinite(out.rows.back()[2]);
  return out;
}

Results results_of(std::vector<Curve> curves, std::vector<std::string> swept = {}) {
  return {std::move(swept), {"round", "sim_time_s", "loss", "loss_gap", "accuracy", "uploads"}, std::move(curves)};
}

double halves(double k) { return std::pow(0.5, k); }
double quarters(double k) { return std::pow(0.25, k); }

Claim claim(const std::string& metric, std::optional<Reading> to, std::optional<double> at_most,
            std::optional<double> at_least = {}) {
  Claim c;
  c.of = "A";
  c.times = "B";
  c.metric = metric;
  c.to = std::move(to);
  c.at_most = at_most;
  c.at_least = at_least;
  return c;
}

Reading gap_of(double value) { return {"loss_gap", value, Metric::loss_gap, "loss_gap"}; }
Reading within_rounds(double value) { return {"rounds", value, {}, "round"}; }

Verdict one(const Claim& c, const Results& r) {
  auto all = judge(c, r);
  REQUIRE(all.size() == 1);
  return all[0];
}

}  // namespace

TEST_CASE("costs to a target: the first rows that reach it") {
  // A: 4 rounds of 3 uploads to 2^-8; B: 8 rounds of 5.
  const Results r = results_of({curve("A", 20, quarters, 3), curve("B", 20, halves, 5)});
  const Verdict v = one(claim("uploads", gap_of(1.0 / 256), 0.3), r);
  CHECK(v.outcome == Outcome::holds);
  CHECK(v.of.low == 12);
  CHECK(v.of.exact());
  CHECK(v.times.low == 40);
  CHECK(v.ratio.low == Approx(0.3));
  CHECK_FALSE(v.range);
  CHECK(measured(claim("uploads", gap_of(1.0 / 256), 0.3), v) == "12 / 40 = 0.3 (at most 0.3)");
  CHECK(one(claim("uploads", gap_of(1.0 / 256), 0.29), r).outcome == Outcome::fails);
  CHECK(one(claim("uploads", gap_of(1.0 / 256), {}, 0.3), r).outcome == Outcome::holds);
  CHECK(one(claim("uploads", gap_of(1.0 / 256), {}, 0.31), r).outcome == Outcome::fails);
  CHECK(one(claim("round", gap_of(1.0 / 256), 0.55, 0.45), r).outcome == Outcome::holds);
  CHECK(one(claim("sim_time_s", gap_of(1.0 / 256), 0.5), r).of.low == 8);
  // Without `times` the number itself.
  Claim alone = claim("uploads", gap_of(1.0 / 256), 12);
  alone.times.reset();
  CHECK(one(alone, r).outcome == Outcome::holds);
  CHECK(measured(alone, one(alone, r)) == "12 (at most 12)");
  alone.at_most = 11;
  CHECK(one(alone, r).outcome == Outcome::fails);
}

TEST_CASE("accuracy is reached from below") {
  const Results r = results_of({curve("A", 20, quarters), curve("B", 20, halves)});
  const Reading to{"accuracy", 1 - 1.0 / 256, Metric::accuracy, "accuracy"};
  CHECK(one(claim("round", to, 1), r).of.low == 4);
  CHECK(one(claim("round", to, 1), r).times.low == 8);
}

TEST_CASE("metrics at a budget, and at the end") {
  const Results r = results_of({curve("A", 20, quarters, 3), curve("B", 20, halves, 5)});
  Verdict v = one(claim("loss_gap", within_rounds(2), 0.25), r);
  CHECK(v.of.low == 1.0 / 16);
  CHECK(v.times.low == 0.25);
  CHECK(v.outcome == Outcome::holds);
  v = one(claim("loss_gap", Reading{"uploads", 12, {}, "uploads"}, 1), r);  // 4 rounds of A; 2 of B, which has 10 then
  CHECK(v.of.low == 1.0 / 256);
  CHECK(v.times.low == 0.25);
  v = one(claim("loss_gap", Reading{"sim_time", 4.5, {}, "sim_time_s"}, 1), r);
  CHECK(v.of.low == 1.0 / 16);
  v = one(claim("uploads", {}, 0.6), r);
  CHECK(v.of.low == 60);
  CHECK(v.times.low == 100);
  // A run that ended within its budget does not tell what it would have come to.
  v = one(claim("loss_gap", within_rounds(21), 1), r);
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "the budget was not used up");
}

TEST_CASE("a target that was not reached decides where it must, and else not") {
  // A at 12 uploads when it is there; B, of which 30 uploads have not sufficed.
  const Results r = results_of({curve("A", 20, quarters, 3), curve("B", 6, halves, 5)});
  const Reading to = gap_of(1.0 / 256);
  Verdict v = one(claim("uploads", to, 0.4), r);
  CHECK(v.outcome == Outcome::holds);
  CHECK(v.ratio.high == Approx(0.4));
  CHECK(v.ratio.low == 0);
  CHECK(measured(claim("uploads", to, 0.4), v) == "12 / over 30 = under 0.4 (at most 0.4)");
  v = one(claim("uploads", to, 0.3), r);
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "target not reached by B");
  CHECK(measured(claim("uploads", to, 0.3), v) == "12 / over 30 = under 0.4 (at most 0.3); target not reached by B");
  CHECK(one(claim("uploads", to, {}, 0.5), r).outcome == Outcome::fails);
  // The other way round.
  Claim back = claim("uploads", to, 2);
  std::swap(back.of, *back.times);
  v = one(back, r);
  CHECK(v.outcome == Outcome::fails);
  CHECK(v.ratio.low == 2.5);
  back.at_most = 3;
  CHECK(one(back, r).outcome == Outcome::undecided);
  CHECK(one(back, r).why == "target not reached by B");
  // Neither.
  v = one(claim("uploads", gap_of(1e-30), 1), r);
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "target not reached by A and B");
  // What is no cost is unknown.
  v = one(claim("loss", to, 1), r);
  CHECK(v.outcome == Outcome::undecided);
}

TEST_CASE("what diverged never reaches a target") {
  const auto explodes = [](double k) { return k < 5 ? 1 + k : infinity; };
  const Results r = results_of({curve("A", 5, explodes), curve("B", 20, halves)});
  Verdict v = one(claim("uploads", gap_of(0.1), 1000), r);
  CHECK(v.outcome == Outcome::fails);
  CHECK(measured(claim("uploads", gap_of(0.1), 1000), v) == "never / 4 = infinite (at most 1000)");
  Claim back = claim("uploads", gap_of(0.1), 0.001);
  std::swap(back.of, *back.times);
  CHECK(one(back, r).outcome == Outcome::holds);
  CHECK(one(claim("loss_gap", within_rounds(10), 1000), r).outcome == Outcome::fails);
  CHECK(one(claim("loss", {}, 1000), r).outcome == Outcome::fails);
  // Nothing is known of two runs that diverged.
  CHECK(one(claim("uploads", gap_of(0.1), 1), results_of({curve("A", 5, explodes), curve("B", 5, explodes)})).outcome ==
        Outcome::undecided);
}

TEST_CASE("nothing for nothing is no ratio") {
  // Both start at the target, for 0 uploads.
  const Results r = results_of({curve("A", 5, halves), curve("B", 5, halves)});
  const Verdict v = one(claim("uploads", gap_of(1), 1), r);
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "the ratio of these numbers means nothing");
}

TEST_CASE("several seeds: the median and the range of the ratio, seed by seed") {
  std::vector<Curve> curves;
  const double uploads[] = {1, 4, 2};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    curves.push_back(curve("A", 20, halves, uploads[seed - 1], seed));
    curves.push_back(curve("B", 20, halves, 10, seed));
  }
  const Verdict v = one(claim("uploads", gap_of(0.5), 0.4), results_of(curves));
  CHECK(v.outcome == Outcome::holds);
  CHECK(v.of.low == 2);
  CHECK(v.times.low == 10);
  CHECK(v.ratio.low == Approx(0.2));
  REQUIRE(v.range);
  CHECK(v.range->low == Approx(0.1));
  CHECK(v.range->high == Approx(0.4));
  CHECK(measured(claim("uploads", gap_of(0.5), 0.4), v) == "2 / 10 = 0.2 (at most 0.4), seeds 0.1 .. 0.4");
  // Another three seeds could have had another median.
  const Verdict open = one(claim("uploads", gap_of(0.5), 0.2), results_of(curves));
  CHECK(open.outcome == Outcome::undecided);
  CHECK(verdict_words(claim("uploads", gap_of(0.5), 0.2), open) == "not decided by 3 seeds");
  CHECK(one(claim("uploads", gap_of(0.5), 0.09), results_of(curves)).outcome == Outcome::fails);
  // One seed that never gets there moves the range, not the median.
  curves[2].rows.resize(1);
  const Verdict w = one(claim("uploads", gap_of(0.5), 0.2), results_of(curves));
  CHECK(w.outcome == Outcome::undecided);
  CHECK(w.ratio.high == Approx(0.2));
  CHECK(std::isinf(w.range->high));
  // The median of an even number is the mean of the middle two.
  curves.resize(2);
  curves.push_back(curve("A", 20, halves, 3, 2));
  curves.push_back(curve("B", 20, halves, 10, 2));
  CHECK(one(claim("uploads", gap_of(0.5), 0.2), results_of(curves)).ratio.low == Approx(0.2));
}

TEST_CASE("lines and bounds that must be kept are judged over the seeds as comparisons are") {
  const auto seeds_of = [](const std::vector<std::function<double(double)>>& gaps) {
    std::vector<Curve> out;
    for (std::size_t i = 0; i < gaps.size(); ++i) out.push_back(curve("A", 40, gaps[i], 1, i + 1));
    return results_of(out);
  };
  const auto stalls = [](double k) { return std::max(halves(k), 1e-3); };
  Claim line;
  line.kind = Claim::Kind::converges;
  line.of = "A";
  line.metric = "loss_gap";
  line.r_squared = 0.98;
  CHECK(one(line, seeds_of({halves, halves, halves})).outcome == Outcome::holds);
  CHECK(one(line, seeds_of({stalls, stalls, stalls})).outcome == Outcome::fails);
  CHECK(verdict_words(line, one(line, seeds_of({halves, stalls, halves}))) == "not decided by 3 seeds");
  Claim stay;
  stay.kind = Claim::Kind::stays;
  stay.of = "A";
  stay.metric = "loss_gap";
  stay.stays_above = 1e-6;
  CHECK(one(stay, seeds_of({stalls, stalls, stalls})).outcome == Outcome::holds);
  CHECK(one(stay, seeds_of({halves, halves, halves})).outcome == Outcome::fails);
  CHECK(verdict_words(stay, one(stay, seeds_of({stalls, halves, stalls}))) == "not decided by 3 seeds");
}

TEST_CASE("who is first is decided by all that the seeds tell, or not") {
  // Seconds a round of A and of B, a pair for each seed; both need 4 rounds.
  const auto first = [](const std::vector<std::pair<double, double>>& seconds) {
    std::vector<Curve> curves;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      curves.push_back(curve("A", 20, halves, 1, i + 1, {}, seconds[i].first));
      curves.push_back(curve("B", 20, halves, 1, i + 1, {}, seconds[i].second));
    }
    return first_to(gap_of(1.0 / 16), results_of(curves))[0];
  };
  CHECK(first({{1, 2}}).standing == Standing::first);
  const First sure = first({{1, 2}, {2, 4}, {1.5, 3}});
  CHECK(sure.standing == Standing::first);
  CHECK(race_words(sure) == "A in 6.00 s, 2 times sooner than B");
  // A seed stands for the same data for both: that they differ from seed to seed is no doubt.
  CHECK(first({{1, 1.2}, {10, 12}, {100, 120}}).standing == Standing::first);
  const First open = first({{1, 2}, {2, 1}, {1, 1.5}});
  CHECK(open.standing == Standing::undecided);
  CHECK(race_words(open) == "A in 4.00 s, or B: not decided by 3 seeds");
  CHECK(first({{1, 1.03}, {2, 2.04}}).standing == Standing::close);
  CHECK(first({{1, 1}, {2, 2}}).standing == Standing::tied);
  CHECK(winners({gap_of(0.1), {open, sure}}).at("A") == 1);
}

TEST_CASE("one verdict a point of the sweep, or one for all that are alike") {
  std::vector<Curve> curves;
  for (const auto& [place, slow] : {std::pair{"1ms", 1.0}, {"100ms", 9.0}}) {
    curves.push_back(curve("A", 20, halves, 1, 1, {place}, slow));
    curves.push_back(curve("B", 20, quarters, 1, 1, {place}, 4));
  }
  const Results r = results_of(curves, {"/platform/latency"});
  const auto times = judge(claim("sim_time_s", gap_of(1.0 / 16), 1), r);
  REQUIRE(times.size() == 2);
  CHECK(times[0].outcome == Outcome::holds);
  CHECK(times[0].point == std::vector<std::string>{"1ms"});
  CHECK(times[1].outcome == Outcome::fails);
  const Verdict uploads = one(claim("uploads", gap_of(1.0 / 16), 2), r);
  CHECK(uploads.point.empty());
  Claim there = claim("sim_time_s", gap_of(1.0 / 16), 1);
  there.at = {{"/platform/latency", "100ms"}};
  CHECK(one(there, r).outcome == Outcome::fails);

  const auto first = first_to(gap_of(1.0 / 16), r);
  REQUIRE(first.size() == 2);
  CHECK(first[0].algorithm == "A");
  CHECK(first[0].time == 4);
  CHECK(first[0].second == "B");
  CHECK(first[0].margin == 2);
  CHECK(first[1].algorithm == "B");
  CHECK(first[1].margin == Approx(36.0 / 8));
  CHECK(first_to(gap_of(1e-30), r)[0].algorithm.empty());
}

TEST_CASE("linear convergence is a line of the logarithm") {
  Claim c;
  c.kind = Claim::Kind::converges;
  c.of = "A";
  c.metric = "loss_gap";
  c.r_squared = 0.98;
  const auto of = [&](Round n, const std::function<double(double)>& gap) {
    return one(c, results_of({curve("A", n, gap)}));
  };
  Verdict v = of(30, halves);
  CHECK(v.outcome == Outcome::holds);
  CHECK(v.of.low == Approx(1));
  CHECK(*v.slope == Approx(std::log10(0.5)));
  CHECK(measured(c, v) == "R^2 = 1 (at least 0.98), a factor of 10 in 3.32 rounds");
  CHECK(of(100, [](double k) { return 1 / (k + 1); }).outcome == Outcome::fails);                // a power of k
  CHECK(of(100, [](double k) { return std::max(halves(k), 1e-3); }).outcome == Outcome::fails);  // it stalls
  CHECK(of(100, [](double k) { return std::pow(2, k); }).outcome == Outcome::fails);             // it grows
  // Rounding errors at the end are no bend.
  CHECK(of(200, [](double k) { return std::max(halves(k), 1e-16); }).outcome == Outcome::holds);
  // Any short piece is a line, and so is any flat one.
  v = of(100, [](double k) { return std::pow(0.99, k); });
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "it falls by less than a factor of 10: too little to tell");
  v = of(3, quarters);
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "fewer than 5 rows to fit a line to");
  // Fast at first, linear afterwards.
  const auto bent = [](double k) { return k < 10 ? std::pow(0.1, k) : 1e-10 * std::pow(0.98, k - 10); };
  CHECK(of(400, bent).outcome == Outcome::fails);
  c.from = 10;
  CHECK(one(c, results_of({curve("A", 400, [&](double k) { return 1e5 * bent(k); })})).outcome == Outcome::holds);
}

TEST_CASE("staying above, and below") {
  Claim c;
  c.kind = Claim::Kind::stays;
  c.of = "A";
  c.metric = "loss_gap";
  c.stays_above = 0.1;
  const auto stalls = [](double k) { return std::max(halves(k), 0.2); };
  Verdict v = one(c, results_of({curve("A", 20, stalls)}));
  CHECK(v.outcome == Outcome::holds);
  CHECK(v.of.low == 0.2);
  CHECK(measured(c, v) == "least 0.2 (above 0.1)");
  CHECK(one(c, results_of({curve("A", 20, halves)})).outcome == Outcome::fails);
  c.stays_above = 0.2;  // at the bound is not above it
  CHECK(one(c, results_of({curve("A", 20, stalls)})).outcome == Outcome::fails);
  CHECK(one(c, results_of({curve("A", 5, [](double k) { return k < 5 ? 1.0 : not_a_number; })})).outcome ==
        Outcome::holds);
  c.from = 21;
  v = one(c, results_of({curve("A", 20, stalls)}));
  CHECK(v.outcome == Outcome::undecided);
  CHECK(v.why == "no row from round 21 on");
  c.from = 2;
  c.stays_above.reset();
  c.stays_below = 0.3;
  CHECK(one(c, results_of({curve("A", 20, halves)})).outcome == Outcome::holds);
  CHECK(measured(c, one(c, results_of({curve("A", 20, halves)}))) == "largest 0.25 (below 0.3)");
  c.from = 1;
  CHECK(one(c, results_of({curve("A", 20, halves)})).outcome == Outcome::fails);
}

TEST_CASE("words for what was expected") {
  Claim c;
  Verdict v;
  v.outcome = Outcome::fails;
  CHECK(verdict_words(c, v) == "fails");
  c.expected_to_fail = true;
  CHECK(verdict_words(c, v) == "fails, as expected");
  v.outcome = Outcome::holds;
  CHECK(verdict_words(c, v) == "holds, though expected to fail");
  v.outcome = Outcome::undecided;
  CHECK(verdict_words(c, v) == "not decidable");
}

TEST_CASE("trajectories are read by their columns' names, and what is none is refused") {
  const auto path = std::filesystem::temp_directory_path() / ("laconic-judge-" + std::to_string(getpid()) + ".csv");
  const auto read = [&](const std::string& text) {
    std::ofstream(path) << text;
    return read_results(path);
  };
  const auto error = [&](const std::string& text) -> std::string {
    try {
      read(text);
    } catch (const InputError& e) {
      const std::string what = e.what();
      return what.starts_with(path.string()) ? what.substr(path.string().size()) : what;
    }
    return "no error";
  };
  const Results r = read(
      "/platform/latency,/seed,scenario,algorithm,seed,round,loss,new\n"
      "1ms,1,s,A,1,0,5,\n1ms,1,s,A,1,1,inf,3\n1ms,2,s,A,2,0,5,\n\"[1,\"\"2\"\"]\",2,s,A,2,0,5,7\n");
  CHECK(r.swept == std::vector<std::string>{"/platform/latency"});
  CHECK(r.columns == std::vector<std::string>{"round", "loss", "new"});
  REQUIRE(r.curves.size() == 3);
  CHECK(r.curves[0].rows.size() == 2);
  CHECK(r.curves[0].diverged);
  CHECK_FALSE(r.curves[1].diverged);
  CHECK(std::isnan(r.curves[1].rows[0][2]));
  CHECK(r.curves[2].point[0] == "[1,\"2\"]");
  const Results sorted = read("scenario,algorithm,seed,round,loss\ns,A,1,0,5\ns,B,1,0,5\ns,A,1,1,4\ns,B,1,1,inf\n");
  REQUIRE(sorted.curves.size() == 2);
  CHECK(sorted.curves[0].rows.size() == 2);
  CHECK_FALSE(sorted.curves[0].diverged);
  CHECK(sorted.curves[1].diverged);
  CHECK(error("a,b\n1,2\n") == ": is no trajectory: expected the columns \"scenario\", \"algorithm\" and \"seed\"");
  CHECK(error("") == ": is no trajectory: expected the columns \"scenario\", \"algorithm\" and \"seed\"");
  CHECK(error("scenario,algorithm,seed,round,loss\ns,A,1,0\n") == ":2: expected 5 fields, got 4");
  CHECK(error("scenario,algorithm,seed,round,loss\ns,A,1,x,1\n") == ":2: expected a number, got \"x\"");
  CHECK(error("scenario,algorithm,seed,round\ns,A,1,1\n") == ": there is no column \"loss\"");
  CHECK(error("scenario,algorithm,seed,loss\ns,A,1,1\n") == ": there is no column \"round\"");
  CHECK(error("scenario,algorithm,seed,round,loss\n") == ": no row: the run is empty");
  std::filesystem::remove(path);
  CHECK_THROWS_AS(read_results(path), InputError);
}
