#include "algorithms/problems/workload.hpp"

#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "tests/catch.hpp"

using namespace laconic;
using namespace laconic::problems;
using nlohmann::json;

namespace {

double forward_flops(const char* name, Index input) {
  double sum = 0;
  for (const auto& layer : find(named_models(), name)->layers(input)) sum += layer.flops;
  return sum;
}

Problem problem_of(const json& block) {
  Params in(block, "s.json", "/problem");
  in.ignore("type");
  const ProblemPlan plan = workload(in, {});
  in.finish("the problem");
  CHECK_FALSE(plan.learns);
  Problem p = plan.make_alone(2, 1);
  CHECK(p.d == plan.d);
  return p;
}

double step_flops(const Problem& p) { return p.workers[1]->flops({{}, 1, true}); }

std::string refusal(const json& block) {
  try {
    problem_of(block);
  } catch (const InputError& e) {
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("named models have as many parameters as was published, whatever their input") {
  for (const auto& model : named_models()) {
    INFO(model.name);
    for (const Index input : {least_input(model), model.input, model.most_input}) {
      Index sum = 0;
      for (const auto& layer : model.layers(input)) {
        sum += layer.size();
        CHECK(layer.flops >= 0);
      }
      CHECK(sum == model.parameters);
    }
  }
}

TEST_CASE("the flops of a model's forward pass are the published ones") {
  // Multiplications with additions, in billions, for images of 224 x 224: torchvision's table of models.
  CHECK(forward_flops("resnet-18", 224) / 2e9 == Approx(1.81).epsilon(0.01));
  CHECK(forward_flops("resnet-50", 224) / 2e9 == Approx(4.09).epsilon(0.01));
  CHECK(forward_flops("resnet-101", 224) / 2e9 == Approx(7.80).epsilon(0.01));
  CHECK(forward_flops("vgg-16", 224) / 2e9 == Approx(15.47).epsilon(0.01));
  // A token: two flops for each weight of a matrix that it goes through, and four for each number of each token that it
  // attends to.
  const double n = 128, matrices = 12 * 12 * 768.0 * 768.0;
  CHECK(forward_flops("bert-base", 128) == Approx(n * (2 * matrices + 12 * 4 * n * 768) + 2 * 768.0 * 768.0));
  CHECK(forward_flops("gpt-2", 128) == Approx(n * (2 * matrices + 12 * 4 * n * 768 + 2 * 50257.0 * 768)));
  const double weights = 8'030'261'248.0 - 128256.0 * 4096 - 65 * 4096;  // without the look-up and the norms
  CHECK(forward_flops("llama-3-8b", 1000) == Approx(1000 * (2 * weights + 32 * 4 * 1000.0 * 4096)));
}

TEST_CASE("a workload's layers stand one behind the other and share the backward pass") {
  const Problem p = problem_of({{"model", "resnet-50"}, {"batch", 64}});
  CHECK(p.d == 25'557'032);
  CHECK(step_flops(p) == Approx(3 * 64 * forward_flops("resnet-50", 224)));
  Index at = 0;
  double backward = 0;
  const auto layers = p.layers();
  for (const auto& layer : layers) {
    CHECK(layer.offset == at);
    at += layer.size;
    backward += layer.backward;
  }
  CHECK(at == p.d);
  CHECK(backward == Approx(1));
  CHECK(layers.size() == 161);
  CHECK(layers.front().name == "conv1.weight");
  CHECK(layers.front().shape == std::vector<Index>{64, 3, 7, 7});
  CHECK(p.blocks.front().cols == 3 * 7 * 7);
  CHECK(layers.front().backward == Approx(2 * 64 * 147.0 * 112 * 112 / forward_flops("resnet-50", 224)));
  CHECK(p.forward == Approx(1.0 / 3));
}

TEST_CASE("a workload's layers may be the user's, with flops or with seconds") {
  const json a = {{"name", "a"}, {"shape", {3, 4}}, {"flops", 24}}, b = {{"name", "b"}, {"shape", {5}}, {"flops", 8}};
  const Problem counted = problem_of({{"layers", {a, b}}, {"batch", 10}});
  CHECK(counted.d == 17);
  CHECK(step_flops(counted) == 3 * 10 * 32);
  CHECK(counted.workload->seconds == 0);
  CHECK(counted.layers()[1].backward == Approx(0.25));
  const Problem measured = problem_of({{"layers",
                                        {{{"name", "a"}, {"shape", {3, 4}}, {"seconds", 0.03}, {"backward", 0.01}},
                                         {{"name", "b"}, {"shape", {5}}, {"seconds", 0.03}}}}});  // 0.02 of it backward
  CHECK(measured.workload->seconds == Approx(0.06));
  CHECK(measured.forward == Approx(0.5));
  CHECK(measured.layers()[0].backward == Approx(1.0 / 3));
  const Problem whole = problem_of(
      {{"layers", {{{"name", "a"}, {"shape", {3, 4}}}, {{"name", "b"}, {"shape", {4}}}}}, {"step_time", 0.15}});
  CHECK(whole.workload->seconds == 0.15);
  CHECK(whole.layers()[0].backward == Approx(0.75));  // by entries
}

TEST_CASE("a workload that does not say what a step takes, or says it twice, is refused") {
  const json a = {{"name", "a"}, {"shape", {3, 4}}};
  json timed = a, both = a;
  timed["seconds"] = 1;
  both["seconds"] = both["flops"] = 1;
  const auto says = [](const json& block, const char* words) {
    INFO(block.dump() << ": " << refusal(block));
    CHECK(refusal(block).find(words) != std::string::npos);
  };
  says({}, "missing \"model\"");
  says({{"model", "resnet-51"}}, "did you mean \"resnet-50\"");
  says({{"model", "resnet-50"}, {"layers", {a}}}, "/problem/model: has layers of its own");
  says({{"model", "resnet-50"}, {"sequence", 128}}, "/problem/sequence: a sample of resnet-50 is an image");
  says({{"model", "bert-base"}, {"sequence", 513}}, "/problem/sequence: expected a whole number from 1 to 512");
  says({{"layers", {a}}}, "nothing says how long a step takes");
  says({{"layers", {a, timed}}}, "1 of 2 layers have \"seconds\"");
  says({{"layers", {both}}}, "/problem/layers/0/flops: and \"seconds\" are two answers");
  says({{"layers", {timed}}, {"step_time", 1}}, "/problem/step_time: the layers' \"seconds\" say it already");
  says({{"layers", {timed}}, {"image", 64}}, "/problem/image: is for a \"model\"");
  says({{"layers", {{{"name", "a"}, {"shape", {3, 0}}, {"flops", 1}}}}}, "/problem/layers/0/shape: expected");
  says({{"layers", {{{"name", "a"}, {"shape", {2000000, 2000000}}, {"flops", 1}}}}}, "at most 10^12");
  says({{"model", "resnet-50"}, {"step_time", 0}}, "expected a positive time");
}
