#include "tests/faults/faults.hpp"

using namespace laconic::tests;

namespace {

double column(const Faults& here, const std::string& folder, const std::string& name, bool last) {
  std::istringstream lines(text_of(here.path / "results" / folder / "trajectory.csv"));
  std::string head, line, kept;
  std::getline(lines, head);
  while (std::getline(lines, line)) {
    if (kept.empty() || last) kept = line;
  }
  const auto at =
      std::count(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(head.find("," + name + ",")), ',');
  std::istringstream cells(kept);
  std::string cell;
  for (std::ptrdiff_t i = 0; i <= at + 1; ++i) std::getline(cells, cell, ',');
  return std::stod(cell);
}

double optimum(const Faults& here, const std::string& folder) {
  return nlohmann::json::parse(text_of(here.path / "results" / folder / "run.json"))["problem"]["optimum"];
}

}  // namespace

TEST_CASE("fault: the optimum where features differ in scale") {
  const Faults here;
  // f = ((a - 1)^2 + (a - 2)^2) / 8 at least, with theta = (a, 0)
  for (const char* name : {"minf-gap", "minf-neg"}) {
    CHECK(here.laconic({"run", std::string(name) + ".json"}).code != 2);
    CHECK(optimum(here, name) == Approx(0.0625).epsilon(1e-9));
    CHECK(column(here, name, "loss_gap", false) == Approx(0.625 - 0.0625).epsilon(1e-9));
    CHECK(column(here, name, "loss_gap", true) >= -1e-12);
  }
  CHECK(here.laconic({"run", "minf-scale.json"}).code == 0);
  CHECK(optimum(here, "minf-scale") == Approx(4.5e-9).epsilon(1e-3));
  CHECK(here.laconic({"run", "minf-logistic.json"}).code == 0);
  CHECK(optimum(here, "minf-logistic") == Approx(0.0622).epsilon(1e-2));
}

TEST_CASE("fault: where the optimum is not certain, loss_gap is refused, or left out with the reason") {
  const Faults here;
  std::ofstream(here.path / "near.csv") << "1,1,1\n2,2,3\n3,3,2\n4,4.00000000000001,9\n5,5,4\n7,7,1\n";
  const std::string scenario = R"({"name": "near", "workers": 2, "problem": {"type": "least-squares"},
    "data": {"type": "csv", "path": "near.csv"}, "platform": {"type": "none"},
    "algorithms": [{"method": "gd"}], "stop": {"rounds": 2)";
  std::ofstream(here.path / "near.json") << scenario << "}}";
  std::ofstream(here.path / "near-gap.json") << scenario << R"(, "loss_gap": 1}})";

  check_refused(here.laconic({"validate", "near-gap.json"}), {"near-gap.json: /problem", "min f", "not certain"});
  check_refused(here.laconic({"run", "near-gap.json"}), {"near-gap.json: /problem", "min f", "not certain"});
  const Finished valid = here.laconic({"validate", "near.json"}), run = here.laconic({"run", "near.json"});
  for (const auto& finished : {valid, run}) {
    CHECK(finished.code == 0);
    CHECK(finished.out.find("no loss_gap: /problem: ") != std::string::npos);
  }
  const auto told = nlohmann::json::parse(text_of(here.path / "results/near/run.json"));
  CHECK(told["problem"].contains("no_optimum"));
  CHECK(!told["problem"].contains("optimum"));
}
