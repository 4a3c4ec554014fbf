#include "tests/problems/torchscript_files.hpp"

// A network must be a function of each sample and the weights alone, or measuring it would change what is learned.

using namespace laconic::tests;
using nlohmann::json;

namespace {

const std::vector<std::pair<std::string, at::Tensor>>& layer() {
  static const std::vector<std::pair<std::string, at::Tensor>> w{{"w", ramp({3, 5})}};
  return w;
}
const std::string h = "h = torch.tanh(torch.matmul(x, self.w.t()))\n  ";

std::string error_of(const torch::jit::Module& module, json more = json::object(),
                     Dataset data = labelled(40, {5}, 3)) {
  const Files files;
  module.save(files.folder / "net.pt");
  return neural_error(block_of("net.pt", std::move(more)), std::move(data), files.folder);
}
std::string error_of(const std::string& body) { return error_of(network_of(layer(), body)); }

void check_holds(const std::string& text, const std::vector<std::string>& words) {
  INFO(text);
  CHECK(text.starts_with("s.json: /problem/model: "));
  CHECK(text.find('\n') == text.npos);
  for (const auto& word : words) CHECK(text.find(word) != text.npos);
}

// 3 features, normalised with stored statistics or, in training, with the batch's.
torch::jit::Module normalised(const std::string& training) {
  auto out = network_of(layer(), h + "return h");
  torch::jit::Module bn("Norm");
  bn.register_buffer("mean", ramp({3}));
  bn.register_buffer("var", at::ones({3}));
  bn.register_attribute("training", c10::BoolType::get(), true);
  bn.define("def forward(self, x: Tensor):\n  return torch.batch_norm(x, None, None, self.mean, self.var, " + training +
            ", 0.1, 1e-5, False)\n");
  torch::jit::Module whole("Network");
  whole.register_module("lin", out);
  whole.register_module("bn", bn);
  whole.define("def forward(self, x: Tensor):\n  return self.bn.forward(self.lin.forward(x))\n");
  return whole;
}

}  // namespace

TEST_CASE("networks that draw random numbers are refused with what draws them") {
  for (const std::string draw :
       {"dropout(h, 0.5, True)", "dropout(h, 1e-4, True)", "feature_dropout(h, 0.5, True)", "rand_like(h) + h",
        "bernoulli(torch.sigmoid(h)) * h", "randn([1]) + h", "rrelu(h, 0.1, 0.3, True)"}) {
    const std::string name = draw.substr(0, draw.find('('));
    check_holds(error_of(h + "return torch." + draw), {"is random", "aten::" + name, "eval()"});
  }
  // Random in its backward pass alone, and where no output depends on what was drawn.
  check_holds(error_of(h + "m = torch.dropout(h, 0.5, True)\n  return h - (m - m.detach())"),
              {"is random", "aten::dropout"});
  check_holds(error_of(h + "return h + 0 * torch.rand_like(h)"), {"is random", "aten::rand_like"});

  torch::jit::Module whole("Network"), drop("Drop");
  drop.define("def forward(self, x: Tensor):\n  return torch.dropout(x, 0.5, True)\n");
  whole.register_module("lin", network_of(layer(), h + "return h"));
  whole.register_module("drop", drop);
  whole.define("def forward(self, x: Tensor):\n  return self.drop.forward(self.lin.forward(x))\n");
  check_holds(error_of(whole), {"aten::dropout in layer \"drop\""});
}

TEST_CASE("networks that keep something from one pass to the next are refused with its name") {
  const auto with = [&](const std::string& body, const auto& prepare) {
    torch::jit::Module out("Network");
    out.register_parameter("w", ramp({3, 5}).requires_grad_(true), false);
    prepare(out);
    out.define("def forward(self, x: Tensor):\n  " + h + body + "\n");
    return out;
  };
  check_holds(error_of(with("self.count.add_(1)\n  return h / self.count",
                            [](auto& m) { m.register_buffer("count", at::zeros({1})); })),
              {"keeps state", "buffer \"count\""});
  check_holds(error_of(with("self.count.add_(1)\n  return h",
                            [](auto& m) { m.register_buffer("count", at::zeros({1}, at::kLong)); })),
              {"keeps state", "buffer \"count\""});
  check_holds(error_of(with("self.n = self.n + 1\n  return h * float(self.n)",
                            [](auto& m) { m.register_attribute("n", c10::IntType::get(), 0); })),
              {"keeps state", "attribute \"n\""});
  check_holds(error_of(with(
                  "self.seen.append(h.detach())\n  return h",
                  [](auto& m) { m.register_attribute("seen", c10::ListType::ofTensors(), c10::List<at::Tensor>()); })),
              {"keeps state"});
  check_holds(error_of(normalised("True")),
              {"keeps state", "\"bn.", "aten::batch_norm in layer \"bn\" in training mode", "eval()"});
}

TEST_CASE("networks that mix the samples of a batch are refused with where they do") {
  check_holds(error_of(h + "return h - 0.001 * h.mean(0)"), {"mixes the samples", "aten::mean"});
  check_holds(error_of(h + "return torch.softmax(h, 0)"), {"mixes the samples", "aten::softmax"});
  check_holds(error_of(h + "return torch.batch_norm(h, None, None, None, None, True, 0.1, 1e-5, False)"),
              {"mixes the samples", "aten::batch_norm", "GroupNorm"});
  check_holds(error_of(h + "m = h.mean(0)\n  return h - (m - m.detach())"), {"mixes the samples", "gradients alone"});
  check_holds(error_of(h + "return h.flip(0)"), {"mixes the samples", "aten::flip"});
}

TEST_CASE("networks that are functions are taken: in evaluation mode, with kinks, casts and norms of a sample's own") {
  for (const std::string body :
       {"torch.dropout(h, 0.5, self.training)", "torch.dropout(h, 0., True)", "torch.sign(h) + h", "torch.relu(h)",
        "torch.group_norm(h, 1) + h", "torch.layer_norm(h, [3])", "h.to(5).to(x.dtype)",
        "torch.softmax(h.float(), 1).to(x.dtype)", "h + torch.log_softmax(h, 1)"}) {
    INFO(body);
    CHECK(error_of(h + "return " + body) == "no error");
  }
  CHECK(error_of(h + "if self.training:\n    h = h + torch.rand_like(h)\n  return h") == "no error");
  CHECK(error_of(normalised("False")) == "no error");
  CHECK(error_of(normalised("self.training")) == "no error");
  // Wide and deep, so that roundings differ with the size of a batch.
  std::vector<std::pair<std::string, at::Tensor>> weights{{"a", ramp({200, 5}).sin()}};
  std::string body = "x = torch.tanh(torch.matmul(x, self.a.t()))\n  ";
  for (int i = 0; i < 6; ++i) {
    const std::string name = "w" + std::to_string(i);
    weights.emplace_back(name, (997 * ramp({200, 200})).sin());
    body += "x = torch.tanh(torch.matmul(x, self." + name + ".t()))\n  ";
  }
  CHECK(error_of(network_of(weights, body + "return x[:, :3]")) == "no error");
}

TEST_CASE("what torch says is told in a line, with what mends it") {
  check_holds(error_of(network_of({{"w", ramp({3, 7})}}, "return torch.matmul(x, self.w.t())")),
              {"refuses an input of shape [5]: mat1 and mat2 shapes cannot be multiplied", "torch.matmul("});
  for (const std::string batch : {"1", "2", "32"})
    check_holds(error_of("return torch.matmul(x.view(" + batch + ", 5, 1).view(" + batch + ", 5), self.w.t())"),
                {"refuses an input of shape [5]: shape '[" + batch,
                 "batches of " + (batch == "1" ? "one sample" : batch + " samples") + " alone"});
  check_holds(error_of("return torch.matmul(x.double(), self.w.t())"), {"/problem/precision"});
  check_holds(error_of("assert x.size(1) < 0, \"no such thing\"\n  return torch.matmul(x, self.w.t())"),
              {"no such thing"});
}

TEST_CASE("a first loss that is no number is refused with its sample") {
  Dataset data = labelled(40, {5}, 3);
  std::get<RowMatrix>(data.x)(7, 2) = 1e30;
  const auto wild = network_of(layer(), "return torch.matmul(torch.exp(x), self.w.t())");
  check_holds(error_of(wild, json::object(), data), {"first loss", "sample 8 of worker 1", "1e+30"});
  std::get<RowMatrix>(data.x)(7, 2) = 1e50;
  CHECK(error_of(wild, json::object(), data).find("float32") != std::string::npos);
}
