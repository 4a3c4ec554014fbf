#include "tests/faults/faults.hpp"

using namespace laconic::tests;
using nlohmann::json;

// What overflows is refused with its place, or the run says that it diverged; no number that means nothing is written.

namespace {

json made_of(const json& problem, const json& data = nullptr) {
  json out{{"name", "s"},
           {"workers", 2},
           {"problem", problem},
           {"platform", {{"type", "none"}}},
           {"algorithms", {{{"method", "gd"}}}},
           {"stop", {{"rounds", 20}}}};
  if (!data.is_null()) out["data"] = data;
  return out;
}

bool has_no_number(const std::string& csv) {
  return csv.find("nan") != std::string::npos || csv.find("inf") != std::string::npos;
}

}  // namespace

TEST_CASE("fault: features whose squares overflow are refused with sample, feature and value") {
  const Faults here;
  for (const char* command : {"validate", "run"})
    check_refused(here.laconic({command, "overflow-L.json"}),
                  {"overflow-L.svm: sample 1, feature 1: 1e+160", "overflow"});
  std::ofstream(here.path / "big.svm") << "1 1:1 2:3\n2 1:2 3:-1e200\n1 1:1 2:0.25\n2 2:2\n";
  std::ofstream(here.path / "40.svm") << "1 1:1 2:3\n2 1:2 3:-1e40\n1 1:1 2:0.25\n2 2:2\n";
  for (const char* type : {"logistic", "softmax", "smooth-svm", "ridge"}) {
    INFO(type);
    here.write("s.json", made_of({{"type", type}, {"l2", 0.1}}, {{"type", "libsvm"}, {"path", "big.svm"}}));
    check_refused(here.laconic({"validate", "s.json"}), {"big.svm: sample 2, feature 3: -1e+200"});
    here.write("s.json", made_of({{"type", type}, {"l2", 0.1}, {"precision", "float32"}},
                                 {{"type", "libsvm"}, {"path", "40.svm"}}));
    check_refused(here.laconic({"validate", "s.json"}), {"40.svm: sample 2, feature 3: -1e+40", "float32"});
  }
}

TEST_CASE("fault: targets whose squares overflow are refused with the sample") {
  const Faults here;
  std::ofstream(here.path / "y.svm") << "1 1:1\n2 1:2\n-1e170 1:1\n2 1:2\n";
  for (const json& problem : {json{{"type", "least-squares"}}, json{{"type", "ridge"}, {"l2", 1}}}) {
    here.write("s.json", made_of(problem, {{"type", "libsvm"}, {"path", "y.svm"}}));
    check_refused(here.laconic({"validate", "s.json"}), {"y.svm: sample 3", "-1e+170"});
  }
}

TEST_CASE("fault: constants and first models that overflow are refused") {
  const Faults here;
  const json quadratic{{"type", "quadratic"}, {"spectrum", {1, 1e308}}, {"objective", "sum"}},
      toy{{"type", "toy"}, {"function", "quadratic"}, {"curvature", 1e308}, {"objective", "sum"}};
  for (const json& problem : {quadratic, toy}) {
    here.write("s.json", made_of(problem));
    check_refused(here.laconic({"validate", "s.json"}), {"s.json: /problem", "inf"});
  }
  here.write("s.json", made_of({{"type", "quadratic"}, {"spectrum", {1, 2}}, {"spread", 1e200}}));
  check_refused(here.laconic({"validate", "s.json"}), {"s.json: /problem", "inf"});
  json far = made_of({{"type", "toy"}, {"function", "quadratic"}});
  far["algorithms"][0]["start"] = 1e200;
  here.write("s.json", far);
  check_refused(here.laconic({"validate", "s.json"}), {"s.json: /algorithms/0/start", "inf"});
}

TEST_CASE("fault: a gradient whose norm is no number is a divergence") {
  const Faults here;
  here.laconic({"run", "grad-norm-inf.json"});
  const std::string csv = text_of(here.path / "results/f/trajectory.csv"),
                    summary = text_of(here.path / "results/f/summary.csv");
  CHECK((!has_no_number(csv) || summary.find("diverged") != std::string::npos));
  json wild = made_of({{"type", "toy"}, {"function", "quadratic"}});
  wild["algorithms"][0] = {{"method", "gd"}, {"step", 1e60}, {"start", 1}};
  here.write("s.json", wild);
  here.laconic({"run", "s.json"});
  CHECK(text_of(here.path / "results/s/summary.csv").find("diverged") != std::string::npos);
  CHECK(text_of(here.path / "results/s/trajectory.csv").find("-nan") == std::string::npos);
}

TEST_CASE("fault: where no step asks for L, it is not computed") {
  const Faults here;
  json plain = made_of({{"type", "logistic"}, {"l2", 0.1}}, {{"type", "gaussian"}, {"samples", 40}, {"features", 3}});
  const auto constants = [&] { return json::parse(text_of(here.path / "results/s/run.json"))["problem"]; };
  plain["record"]["metrics"] = {"loss"};
  for (const bool number : {true, false}) {
    if (number)
      plain["algorithms"][0]["step"] = 0.5;
    else
      plain["algorithms"][0].erase("step");
    here.write("s.json", plain);
    CHECK(here.laconic({"run", "s.json", "--force"}).code == 0);
    CHECK(constants().contains("L") != number);
  }
}
