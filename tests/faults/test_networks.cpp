#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

// It puts Catch2's CHECK in the place of libtorch's.
#include "tests/problems/torchscript_files.hpp"

#include "tests/faults/faults.hpp"

// Networks of users' own, given to the program.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json scenario_of(const char* model, int every = 1) {
  return {{"name", "s"},
          {"workers", 2},
          {"problem", {{"type", "neural"}, {"model", model}}},
          {"data", {{"type", "csv"}, {"path", "points.csv"}}},
          {"platform", {{"type", "none"}}},
          {"algorithms",
           {{{"method", "sgd"}, {"label", "a"}, {"step", 0.1}, {"batch", 4}},
            {{"method", "sgd"}, {"label", "b"}, {"step", 0.2}, {"batch", 3}}}},
          {"stop", {{"rounds", 6}}},
          {"record", {{"every", every}}}};
}

void write_points(const Faults& here) {
  Rng rng(1, Purpose::data);
  std::ofstream out(here.path / "points.csv");
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 5; ++j) out << rng.normal() << ',';
    out << i % 3 << '\n';
  }
}

const char* const whole =
    "def forward(self, x: Tensor):\n  h = torch.batch_norm(torch.matmul(x, self.w.t()), None, None, "
    "self.mean, self.var, self.training, 0.1, 1e-5, False)\n  return "
    "torch.dropout(h, 0.5, self.training)\n";

// The rows of an algorithm in every third round.
std::vector<std::string> rows(const fs::path& csv, const std::string& label) {
  std::vector<std::string> out;
  std::istringstream text(text_of(csv));
  for (std::string line; std::getline(text, line);)
    for (const char* round : {"0", "3", "6"})
      if (line.starts_with("s," + label + ",1," + round + ",")) out.push_back(line);
  return out;
}

at::Tensor twice(const at::Tensor& x) { return 2 * x; }

// Finds the operators of the library "strange", as Python's torch.ops would.
struct StrangeNames final : torch::jit::Resolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string& name, torch::jit::GraphFunction& function,
                                                         const torch::jit::SourceRange& place) override {
    if (name == "strange") return std::make_shared<torch::jit::BuiltinModule>("strange");
    return torch::jit::nativeResolver()->resolveValue(name, function, place);
  }
};

}  // namespace

TEST_CASE("law: what a network learns depends neither on what is recorded nor on other entries") {
  const Faults here;
  write_points(here);
  torch::jit::Module module("Network");
  module.register_parameter("w", ramp({3, 5}).requires_grad_(true), false);
  module.register_buffer("mean", ramp({3}));
  module.register_buffer("var", at::ones({3}));
  module.register_attribute("training", c10::BoolType::get(), true);
  module.define(whole);
  module.save(here.path / "net.pt");
  const auto run = [&](json scenario) {
    here.write("s.json", scenario);
    const Finished done = here.laconic({"run", "s.json", "--jobs", "1", "--force"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    return here.path / "results/s/trajectory.csv";
  };
  const auto a = rows(run(scenario_of("net.pt")), "a"), b = rows(here.path / "results/s/trajectory.csv", "b");
  CHECK(a.size() == 3);
  CHECK(rows(run(scenario_of("net.pt", 3)), "a") == a);
  json alone = scenario_of("net.pt");
  alone["algorithms"].erase(alone["algorithms"].begin());
  CHECK(rows(run(alone), "b") == b);
  // Which libraries computed it, on which the last digits depend, is told.
  const json versions = json::parse(text_of(here.path / "results/s/run.json"))["versions"];
  CHECK(versions["libtorch"].is_string());
  CHECK(versions["blas"].get<std::string>().size() > 3);
}

TEST_CASE("fault: networks that are random, keep state or mix samples are refused by run and validate") {
  const Faults here;
  write_points(here);
  const auto save = [&](const std::string& body) {
    network_of({{"w", ramp({3, 5})}}, "h = torch.matmul(x, self.w.t())\n  return " + body).save(here.path / "net.pt");
  };
  here.write("s.json", scenario_of("net.pt"));
  for (const auto& [body, words] : std::vector<std::pair<std::string, std::string>>{
           {"torch.dropout(h, 0.5, True)", "aten::dropout"},
           {"torch.batch_norm(h, None, None, None, None, True, 0.1, 1e-5, False)", "aten::batch_norm"}}) {
    save(body);
    for (const char* command : {"run", "validate"})
      check_refused(here.laconic({command, "s.json"}), {"s.json: /problem/model: net.pt", words, "eval()"});
  }
}

TEST_CASE("fault: a network with an operator that libtorch lacks is refused with its name") {
  const Faults here;
  write_points(here);
  const auto known_here = torch::RegisterOperators().op("strange::twice", &twice);
  torch::jit::Module module("Network");
  module.register_parameter("w", ramp({3, 5}).requires_grad_(true), false);
  module.define("def forward(self, x: Tensor):\n  return strange.twice(torch.matmul(x, self.w.t()))\n",
                std::make_shared<StrangeNames>());
  module.save(here.path / "net.pt");
  here.write("s.json", scenario_of("net.pt"));
  check_refused(here.laconic({"validate", "s.json"}), {"s.json: /problem/model: net.pt", "strange::twice"});
}
