#include "tests/problems/torchscript_files.hpp"

// Parameters that share memory with others are one weight, as they are in PyTorch; and flops are those of what runs.

using namespace laconic::tests;
using nlohmann::json;

namespace {

using Weights = std::vector<std::pair<std::string, at::Tensor>>;

Problem problem_of(const torch::jit::Module& module, const char* precision = "float64") {
  const Files files;
  module.save(files.folder / "net.pt");
  return neural_of(block_of("net.pt", {{"precision", precision}}), labelled(20, {5}, 3), files.folder);
}

void check_gradient(const Problem& p) {
  Vector g;
  p.loss(p.start, &g);
  for (Index j = 0; j < p.d; ++j) {
    Vector up = p.start, down = p.start;
    up[j] += 1e-6;
    down[j] -= 1e-6;
    INFO("weight " << j);
    CHECK(g[j] == Approx((p.loss(up) - p.loss(down)) / 2e-6).epsilon(1e-5).margin(1e-8));
  }
}

}  // namespace

TEST_CASE("parameters that are views of another count once, and its gradient is whole") {
  const at::Tensor w = ramp({5, 5}), stored = ramp({4, 5});
  const char* const two = "return torch.matmul(torch.tanh(torch.matmul(x, self.a.t())), self.b.t())[:, :3]";
  for (const auto& [other, d] : std::vector<std::pair<at::Tensor, Index>>{
           {w, 25}, {w.t(), 25}, {w.view({25}).view({5, 5}), 25}, {w.clone(), 50}}) {
    for (const char* precision : {"float32", "float64"})
      CHECK(problem_of(network_of({{"a", w}, {"b", other}}, two), precision).d == d);
    check_gradient(problem_of(network_of({{"a", w}, {"b", other}}, two)));
    check_gradient(problem_of(network_of({{"a", other}, {"b", w}}, two)));
  }
  // A part of it, named before it or after it.
  const char* const part =
      "return torch.matmul(x, self.{}.t())[:, :3] + torch.tanh(torch.matmul(x, self.{}.t())).sum(1, keepdim=True)";
  for (const bool first : {true, false}) {
    Weights weights{{"whole", w}, {"rows", w.slice(0, 1, 4)}};
    if (!first) std::swap(weights[0], weights[1]);
    std::string body = part;
    body.replace(body.find("{}"), 2, "rows");
    body.replace(body.find("{}"), 2, "whole");
    const Problem p = problem_of(network_of(weights, body));
    CHECK(p.d == 25);
    CHECK(p.blocks[0].name == "whole");
    check_gradient(p);
  }
  // Parts of one storage that share no number are weights of their own.
  const Problem apart =
      problem_of(network_of({{"a", w.slice(1, 0, 2)}, {"b", w.slice(1, 2, 5)}},
                            "return (torch.matmul(x[:, :2], self.a.t()) + torch.matmul(x[:, 2:], self.b.t()))[:, :3]"));
  CHECK(apart.d == 25);
  check_gradient(apart);
}

TEST_CASE("weights that a layer also keeps in a list, as recurrent layers do, are one") {
  const at::Tensor w = ramp({3, 5}).requires_grad_(true);
  torch::jit::Module module("Network");
  module.register_parameter("w", w, false);
  module.register_attribute("flat", c10::ListType::ofTensors(), c10::List<at::Tensor>({w}));
  module.define("def forward(self, x: Tensor):\n  return torch.matmul(x, self.flat[0].t())\n");
  for (const char* precision : {"float32", "float64"}) CHECK(problem_of(module, precision).d == 15);
  check_gradient(problem_of(module));
}

TEST_CASE("weights that share some numbers only, or repeat them, are refused by name") {
  const Files files;
  const at::Tensor w = ramp({25});
  network_of({{"a", w.slice(0, 0, 15).view({3, 5})}, {"b", w.slice(0, 10, 25).view({3, 5})}},
             "return torch.matmul(x, (self.a + self.b).t())")
      .save(files.folder / "part.pt");
  network_of({{"a", w.slice(0, 0, 5).expand({3, 5})}}, "return torch.matmul(x, self.a.t())")
      .save(files.folder / "again.pt");
  const std::string part = neural_error(block_of("part.pt"), labelled(20, {5}, 3), files.folder),
                    again = neural_error(block_of("again.pt"), labelled(20, {5}, 3), files.folder);
  INFO(part << "\n" << again);
  CHECK(part.find("\"a\" and \"b\" share some of their numbers") != part.npos);
  CHECK(again.find("\"a\" holds one number in several places") != again.npos);
}

TEST_CASE("flops are counted of operations in any expression, and of fused attention") {
  const auto flops = [](const Weights& weights, const std::string& body) {
    return problem_of(network_of(weights, body), "float32").workers[0]->flops({{}, 1, true}) / 6;
  };
  const Weights two{{"a", ramp({3, 5})}, {"b", ramp({3, 5})}};
  CHECK(flops(two, "return torch.mm(x, self.a.t()) + torch.mm(x, self.b.t())") == 2 * 3 * 5);
  CHECK(flops(two,
              "return torch.mm(x, self.a.t()) * torch.sigmoid(torch.addmm(torch.mm(x, self.a.t()), x, "
              "self.b.t()))") == 3 * 3 * 5);
  // Three queries, keys and values of 4 numbers: scores and sums.
  const Weights attention{{"a", ramp({12, 5})}, {"b", ramp({3, 4})}};
  CHECK(flops(attention,
              "q = torch.matmul(x, self.a.t()).view([-1, 3, 4])\n  return "
              "torch.matmul(torch._scaled_dot_product_attention(q, q, q)[0].mean(1), self.b.t())") ==
        12 * 5 + 2 * 3 * 3 * 4 + 3 * 4);
}
