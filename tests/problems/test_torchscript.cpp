#include <fstream>

#include "tests/problems/torchscript_files.hpp"

// Networks that users exported from PyTorch, made here with libtorch alone.

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// w1, b1, w2, b2 of a perceptron of 4 units.
std::vector<std::pair<std::string, at::Tensor>> perceptron(std::int64_t inputs, std::int64_t outputs) {
  return {{"w1", ramp({4, inputs})}, {"b1", ramp({4})}, {"w2", ramp({outputs, 4})}, {"b2", ramp({outputs})}};
}
const char* const perceptron_body =
    "return torch.matmul(torch.tanh(torch.matmul(x, self.w1.t()) + self.b1), self.w2.t()) + self.b2";

}  // namespace

TEST_CASE("a TorchScript file is the network it holds, from the weights it holds") {
  const Files files;
  network_of(perceptron(5, 3), perceptron_body).save(files.folder / "net.pt");
  const Dataset data = labelled(300, {5}, 3);
  for (const char* precision : {"float32", "float64"}) {
    const double tolerance = std::string(precision) == "float64" ? 1e-12 : 1e-6;
    const Problem p = neural_of(block_of("net.pt", {{"precision", precision}}), data, files.folder);
    const Problem same = neural_of(
        {{"model", {{"type", "mlp"}, {"layers", {4}}, {"activation", "tanh"}}}, {"precision", precision}}, data);
    REQUIRE(p.d == same.d);
    for (const auto& [name, offset, rows, cols] : std::vector<std::tuple<std::string, Index, Index, Index>>{
             {"w1", 0, 4, 5}, {"b1", 20, 4, 1}, {"w2", 24, 3, 4}, {"b2", 36, 3, 1}}) {
      const auto i = static_cast<std::size_t>(name[0] == 'w' ? 2 * (name[1] - '1') : 2 * (name[1] - '1') + 1);
      CHECK(p.blocks[i].name == name);
      CHECK(p.blocks[i].offset == offset);
      CHECK(p.blocks[i].rows == rows);
      CHECK(p.blocks[i].cols == cols);
      CHECK(p.start[offset] == Approx(-0.4).epsilon(1e-7));
    }
    Vector g, h;
    CHECK(p.loss(p.start, &g) == Approx(same.loss(p.start, &h)).epsilon(tolerance));
    CHECK(distance(g, h) < 10 * tolerance);
    CHECK(p.accuracy(p.start) == same.accuracy(p.start));
    CHECK(p.workers[0]->flops({{}, 1, true}) == 3 * 2 * (4 * 5 + 3 * 4));
    // Called often, it stays what it is: nothing is compiled anew on the way.
    const double first = p.loss(p.start);
    for (int i = 0; i < 5; ++i) CHECK(p.loss(p.start) == first);
  }
}

TEST_CASE("flops of convolutions, grouped, transposed and one-dimensional, and of products of batches") {
  const Files files;
  const auto flops = [&](const std::vector<std::pair<std::string, at::Tensor>>& weights, const char* body,
                         std::vector<Index> shape) {
    network_of(weights, body).save(files.folder / "net.pt");
    const Problem p =
        neural_of(block_of("net.pt", {{"loss", "squared-error"}}), labelled(4, std::move(shape), 4), files.folder);
    return p.workers[0]->flops({{}, 1, true}) / 6;  // 2 flops a product, forward and twice backward
  };
  CHECK(flops({{"w", ramp({6, 2, 3, 3})}}, "return torch.conv2d(x, self.w, groups=2).mean([1, 2, 3])", {4, 5, 5}) ==
        6 * 9 * (2 * 9));
  CHECK(flops({{"w", ramp({2, 4, 3, 3})}}, "return torch.conv_transpose2d(x, self.w).mean([1, 2, 3])", {2, 5, 5}) ==
        2 * 25 * (4 * 9));
  CHECK(flops({{"w", ramp({3, 1, 4})}}, "return torch.conv1d(x.flatten(1).unsqueeze(1), self.w).mean([1, 2])",
              {1, 1, 10}) == 3 * 7 * 4);
  CHECK(flops({{"w", ramp({3, 4})}},
              "return torch.bmm(x.flatten(2), self.w.t().unsqueeze(0).expand(x.size(0), -1, -1)).mean([1, 2])",
              {5, 2, 2}) == 5 * 4 * 3);
}

TEST_CASE("what is not to be trained stays: frozen weights, buffers, integers") {
  const Files files;
  torch::jit::Module whole("Network");
  whole.register_parameter("w", ramp({3, 2}).requires_grad_(true), false);
  whole.register_parameter("frozen", ramp({3}).requires_grad_(false), false);
  whole.register_buffer("mean", ramp({2}, at::kDouble));
  whole.register_buffer("columns", at::tensor({4, 1}, at::kLong));
  whole.define(
      "def forward(self, x: Tensor):\n  return torch.matmul(x.index_select(1, self.columns) - self.mean, "
      "self.w.t()) + self.frozen\n");
  whole.save(files.folder / "net.pt");
  const Problem p = neural_of(block_of("net.pt"), labelled(30, {5}, 3), files.folder);
  CHECK(p.d == 6);
  CHECK(p.blocks.size() == 1);
  Vector g;
  CHECK(std::isfinite(p.loss(p.start, &g)));
  CHECK(g.norm() > 0);
}

TEST_CASE("a module that stands in two places has its weights once, and their gradient whole") {
  const Files files;
  const auto inner = network_of({{"w", ramp({3, 5})}}, "return torch.matmul(x, self.w.t())");
  torch::jit::Module outer("Outer");
  outer.register_module("a", inner);
  outer.register_module("b", inner);
  outer.define("def forward(self, x: Tensor):\n  return self.a.forward(x) + 2 * self.b.forward(x)\n");
  outer.save(files.folder / "tied.pt");
  network_of({{"w", 3 * ramp({3, 5})}}, "return torch.matmul(x, self.w.t())").save(files.folder / "plain.pt");
  const Dataset data = labelled(20, {5}, 3);
  const Problem tied = neural_of(block_of("tied.pt"), data, files.folder);
  const Problem plain = neural_of(block_of("plain.pt"), data, files.folder);
  CHECK(tied.d == 15);
  Vector g, h;
  CHECK(tied.loss(tied.start, &g) == Approx(plain.loss(3 * tied.start, &h)).epsilon(1e-6));
  CHECK(distance(g, 3 * h) < 1e-5);
}

TEST_CASE("files that are no network for these samples are refused before anything is learned") {
  const Files files;
  const Dataset data = labelled(20, {5}, 3);
  const auto error = [&](const char* file, json more = json::object()) {
    std::string out = neural_error(block_of(file, std::move(more)), data, files.folder);
    const std::string folder = files.folder.string() + "/";
    for (std::size_t at; (at = out.find(folder)) != out.npos;) out.erase(at, folder.size());
    return out;
  };
  const auto save = [&](const char* name, const std::vector<std::pair<std::string, at::Tensor>>& weights,
                        const char* body) { network_of(weights, body).save(files.folder / name); };

  std::ofstream(files.folder / "text.pt") << "no network\n";
  std::ofstream(files.folder / "empty.pt");
  network_of(perceptron(5, 3), perceptron_body).save(files.folder / "good.pt");
  {  // cut in half
    std::ifstream in(files.folder / "good.pt", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::ofstream(files.folder / "cut.pt", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  }
  CHECK(
      error("text.pt") ==
      "s.json: /problem/model: text.pt is no TorchScript module: torch.jit.script(model).save(\"text.pt\") makes one");
  CHECK(error("empty.pt") ==
        "s.json: /problem/model: empty.pt is empty, and no TorchScript module: "
        "torch.jit.script(model).save(\"empty.pt\") makes one");
  CHECK(error("cut.pt").starts_with("s.json: /problem/model: cut.pt is truncated or damaged ("));
  CHECK(error("none.pt").starts_with("s.json: /problem/model: no such file: looked for none.pt"));

  save("two.pt", perceptron(5, 2), perceptron_body);
  CHECK(error("two.pt") ==
        "s.json: /problem/model: expected 3 outputs, one a class, for each sample, got outputs of shape [2, 2] for 2 "
        "samples");
  CHECK(error("good.pt", {{"loss", "squared-error"}}) ==
        "s.json: /problem/model: expected one output for each sample, got outputs of shape [2, 3] for 2 samples");
  save("wide.pt", perceptron(7, 3), perceptron_body);
  CHECK(error("wide.pt").starts_with(
      "s.json: /problem/model: the network refuses an input of shape [5]: mat1 and mat2 shapes cannot be multiplied "
      "(2x5 and 7x4)"));
  save("sum.pt", perceptron(5, 3), "return (x.sum() * self.w1).sum() * torch.ones([3])");
  CHECK(error("sum.pt") ==
        "s.json: /problem/model: expected 3 outputs, one a class, for each sample, got outputs of shape [3] for 2 "
        "samples");
  save("still.pt", {{"w", ramp({1})}}, "return x[:, :3]");
  CHECK(error("still.pt") == "s.json: /problem/model: the outputs do not depend on any weight");
  save("none-to-train.pt", {}, "return x[:, :3]");
  CHECK(error("none-to-train.pt") == "s.json: /problem/model: none-to-train.pt has no weights to train");
  save("pair.pt", {{"w", ramp({1})}}, "return (x * self.w, x)");
  CHECK(error("pair.pt").starts_with("s.json: /problem/model: the network refuses an input of shape [5]: "));
}

TEST_CASE("a file damaged at random is refused, or is a network all the same") {
  const Files files;
  network_of(perceptron(5, 3), perceptron_body).save(files.folder / "good.pt");
  std::ifstream in(files.folder / "good.pt", std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  const Dataset data = labelled(20, {5}, 3);
  Rng rng(1, Purpose::noise);
  int refused = 0;
  for (int trial = 0; trial < 40; ++trial) {
    std::string bytes = good;
    if (trial % 2 == 0) bytes.resize(rng.below(bytes.size()));
    for (int i = 0; i < 3 && !bytes.empty(); ++i) bytes[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
    std::ofstream(files.folder / "bad.pt", std::ios::binary) << bytes;
    try {
      const Problem p = neural_of(block_of("bad.pt"), data, files.folder);
      CHECK(p.d == p.start.size());
    } catch (const InputError& e) {
      CHECK(std::string(e.what()).starts_with("s.json: /problem/model: "));
      ++refused;
    }
  }
  CHECK(refused >= 20);
}
