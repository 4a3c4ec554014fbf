#include <cmath>
#include <fstream>

#include "algorithms/data/sampler.hpp"
#include "algorithms/data/text.hpp"
#include "algorithms/updates/local.hpp"
#include "tests/problems/neural_problem.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

Dataset symbols(Index samples, Index context, Index count, double sharpness) {
  const json block = {{"samples", samples}, {"context", context},     {"symbols", count},
                      {"order", 1},         {"sharpness", sharpness}, {"seed", 2}};
  Params in(block, "s.json", "/data");
  return data::markov_text(in, {})(nullptr);
}

json transformer(json more) {
  more["type"] = "transformer";
  return {{"model", more}};
}

}  // namespace

TEST_CASE("a transformer has the weights and the gradient of one") {
  json block = transformer({{"width", 6}, {"heads", 2}, {"blocks", 2}});
  block["precision"] = "float64";
  const Problem p = neural_of(block, symbols(200, 5, 4, 1));
  // Symbols and places, two blocks of two normalisations, 4 matrices and their biases; a normalisation and the head.
  const Index each = 4 * 6 + 3 * 6 * 7 + 6 * 7 + 24 * 7 + 6 * 25;
  CHECK(p.d == 4 * 6 + 5 * 6 + 2 * each + 2 * 6 + 4 * 7);
  CHECK(p.blocks.front().name == "symbols.weight");
  CHECK(p.blocks.back().name == "head.bias");
  const Oracle& f = *p.workers[0];
  Vector g(p.d), x = p.start;
  f.gradient(p.start, all_of(f), g);
  for (Index i = 0; i < p.d; i += 17) {
    const double h = 1e-6;
    x[i] = p.start[i] + h;
    const double up = f.loss(x, all_of(f));
    x[i] = p.start[i] - h;
    const double down = f.loss(x, all_of(f));
    x[i] = p.start[i];
    CHECK((up - down) / (2 * h) == Approx(g[i]).epsilon(1e-4).margin(1e-8));
  }
  CHECK(f.flops({{}, 1, false}) > 6.0 * 5 * 2 * (18 * 6 + 6 * 6 + 2 * 24 * 6));
}

TEST_CASE("a transformer learns a source of symbols nearly to its entropy rate") {
  const Dataset text = symbols(4000, 4, 6, 2);
  const double rate = std::stod(text.name.substr(text.name.find("entropy rate ") + 13));
  const Problem p = neural_of(transformer({{"width", 16}, {"blocks", 1}}), text);
  const Oracle& f = *p.workers[0];
  const auto batches = data::uniform_batches(f.samples(), 64, 1, 0);
  updates::LocalAdamW adamw(p.d, {0.9, 0.999, 1e-8}, 0.01);
  Vector moved = Vector::Zero(p.d), g(p.d);
  const double first = f.loss(p.start, all_of(f));
  for (int t = 0; t < 200; ++t) {
    const Vector at = p.start - moved;
    f.gradient(at, batches->draw(t), g);
    adamw.step(0.01, at, g, moved);
  }
  const double last = f.loss(p.start - moved, all_of(f));
  CHECK(first > 1.2 * rate);
  CHECK(last < 1.05 * rate);
  CHECK(last > 0.9 * rate);
}

TEST_CASE("a transformer refuses what are no symbols, and heads that do not divide its width") {
  CHECK(neural_error(transformer({{"width", 6}, {"heads", 4}}), symbols(20, 5, 4, 1)) ==
        "s.json: /problem/model/heads: expected a number that divides the 6 of \"width\", got 4");
  CHECK(neural_error(transformer(json::object()), labelled(20, {5}, 3))
            .starts_with("random: a \"transformer\" reads symbols, whole numbers from 0 to 999999, and there is "));
  json block = transformer(json::object());
  block["input"] = {1, 5};
  CHECK(neural_error(block, symbols(20, 5, 4, 1)) ==
        "s.json: /problem/input: expected one size for a \"transformer\", how many symbols it reads");
}
