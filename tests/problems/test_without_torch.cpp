#include <unistd.h>

#include <fstream>

#include "algorithms/base/error.hpp"
#include "algorithms/problems/neural.hpp"
#include "tests/catch.hpp"

// What a neural scenario says before libtorch is asked, and where there is none.

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string error(const json& block) {
  try {
    Params in(block, "s.json", "/problem");
    in.ignore("type");
    neural(in, {});
    in.finish("the neural problem");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string load_error(const std::vector<fs::path>& places) {
  try {
    load_neural(places, "s.json: /problem");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("without libtorch, a neural scenario says what to install") {
  CHECK(load_error({"/none/liblaconic_neural.so"}) ==
        "s.json: /problem/type: \"neural\" needs libtorch, which this build of Laconic is without: install "
        "libtorch-dev and build again, or install the package laconic-neural");
  // A library that is there and cannot be loaded tells why.
  const fs::path damaged = fs::temp_directory_path() / ("laconic-damaged-" + std::to_string(getpid()) + ".so");
  std::ofstream(damaged) << "no library";
  const std::string message = load_error({damaged});
  fs::remove(damaged);
  CHECK(message.find("is without (" + damaged.string()) != std::string::npos);
}

TEST_CASE("a library of networks that another build left behind is not used") {
  CHECK(load_error({LACONIC_STALE_NEURAL}) == "s.json: /problem/type: " LACONIC_STALE_NEURAL
                                              " was not built together with this program: build both again");
}

TEST_CASE("what the description of a network may say") {
  const json mlp = {{"type", "mlp"}};
  CHECK(error({{"model", mlp}}) == "no error");
  CHECK(
      error(json::object()) ==
      "s.json: /problem: missing \"model\": expected a TorchScript file, or {\"type\": \"mlp\" | \"cnn\" | \"transformer\", ...}");
  CHECK(error({{"model", "no.pt"}}).starts_with("s.json: /problem/model: no such file: looked for "));
  CHECK(
      error({{"model", {{"type", "mpl"}}}}) ==
      "s.json: /problem/model/type: expected \"cnn\", \"mlp\" or \"transformer\", got \"mpl\" (did you mean \"mlp\"?)");
  CHECK(error({{"model", {{"type", "mlp"}, {"layers", {10, 0}}}}}) ==
        "s.json: /problem/model/layers: expected a list of whole numbers, each 1 or more, got [10,0]");
  CHECK(error({{"model", {{"type", "mlp"}, {"channels", {8}}}}}) ==
        "s.json: /problem/model: \"channels\" means nothing to mlp; it reads \"activation\", \"layers\" and \"type\"");
  CHECK(error({{"model", {{"type", "mlp"}, {"activation", "gelu"}}}}) ==
        "s.json: /problem/model/activation: expected \"elu\", \"none\", \"relu\", \"sigmoid\" or \"tanh\", got "
        "\"gelu\" (did you mean \"elu\"?)");
  CHECK(error({{"model", {{"type", "cnn"}, {"kernel", 0}}}}) ==
        "s.json: /problem/model/kernel: expected a whole number from 1 to 1000, got 0");
  CHECK(error({{"model", mlp}, {"loss", "hinge"}}) ==
        "s.json: /problem/loss: expected \"cross-entropy\" or \"squared-error\", got \"hinge\"");
  CHECK(error({{"model", mlp}, {"precision", "float16"}}) ==
        "s.json: /problem/precision: expected \"float32\" or \"float64\", got \"float16\" (did you mean \"float32\"?)");
  CHECK(error({{"model", mlp}, {"l2", -1}}) == "s.json: /problem/l2: expected a number that is not negative, got -1");
}
