#include "algorithms/problems/neural.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/program.hpp"
#include "algorithms/problems/softmax.hpp"
#include "algorithms/problems/values.hpp"

namespace laconic::problems {

using namespace data;

namespace {

namespace fs = std::filesystem;

std::vector<Index> sizes(Params& in, const char* key, const std::vector<Index>& fallback, const char* words,
                         const char* meaning) {
  constexpr const char* allowed = "a list of whole numbers, each 1 or more";
  const auto* given = in.look(key, words, allowed, meaning);
  if (!given) return fallback;
  std::vector<Index> out;
  for (const auto& one : given->is_array() ? *given : nlohmann::json::array({*given})) {
    if (!one.is_number_integer() || one < 1 || one > 100'000'000) in.fail(key, allowed);
    out.push_back(one.get<Index>());
  }
  return out;
}

Activation read_activation(Params& in) {
  const auto name =
      in.choice("activation", "relu", {"elu", "none", "relu", "sigmoid", "tanh"}, "behind every layer but the last");
  return name == "elu"    ? Activation::elu
         : name == "none" ? Activation::none
         : name == "relu" ? Activation::relu
         : name == "tanh" ? Activation::tanh
                          : Activation::sigmoid;
}

NetworkShape read_network(Params& in, const fs::path& folder) {
  constexpr const char* allowed = "a TorchScript file, or {\"type\": \"mlp\" | \"cnn\" | \"transformer\", ...}";
  NetworkShape out;
  const auto* given = in.look("model", "required", allowed, "the network");
  if (!given) in.fail("model", allowed);
  if (given->is_string()) {
    out.kind = NetworkShape::Kind::file;
    out.path = find_file(in, "model", "the network", folder);
    return out;
  }
  const auto kind = in.part_name("model", "", {"cnn", "mlp", "transformer"}, "the network");
  Params own = in.part("model");
  out.activation = read_activation(own);
  if (kind == "transformer") {
    out.kind = NetworkShape::Kind::transformer;
    out.width = own.count("width", 32, 1, "numbers that a transformer keeps of each symbol", 100'000);
    out.heads = own.count("heads", 2, 1, "of attention in each block", 1000);
    out.blocks = own.count("blocks", 2, 1, "of attention and two fully connected layers", 1000);
    if (out.width % out.heads != 0)
      own.fail("heads", fmt::format("a number that divides the {} of \"width\"", out.width));
    return out;
  }
  if (kind == "mlp") {
    out.hidden = sizes(own, "layers", {}, "none: a linear model", "units of each hidden layer");
    return out;
  }
  out.kind = NetworkShape::Kind::cnn;
  out.channels = sizes(own, "channels", {32, 64}, "[32, 64]", "of each convolution");
  out.kernel = own.count("kernel", 5, 1, "side of the convolutions", 1000);
  out.hidden = sizes(own, "layers", {512}, "[512]", "units of each hidden layer behind the convolutions");
  out.same_size = own.choice("padding", "same", {"none", "same"}, "same: convolutions keep the image's size") == "same";
  return out;
}

// How many symbols 0, 1, ... a data set's numbers are of.
Index symbols_of(const Dataset& data) {
  constexpr double most = 1e6;
  double largest = 0;
  const auto look_at = [&](double x) {
    if (!(x >= 0 && x < most && x == std::floor(x)))
      throw InputError(
          fmt::format("{}: a \"transformer\" reads symbols, whole numbers from 0 to {:g}, and there is {:g}: "
                      "data of \"type\" \"text\" or \"markov-text\" have them",
                      data.name, most - 1, x));
    largest = std::max(largest, x);
  };
  if (const auto* dense = std::get_if<RowMatrix>(&data.x))
    for (Index i = 0; i < dense->size(); ++i) look_at(dense->data()[i]);
  else
    for (const double x : std::get<SparseRows>(data.x).coeffs()) look_at(x);
  return static_cast<Index>(largest) + 1;
}

// Some BLAS start their threads when they are loaded, and look here for how many.
void one_blas_thread() {
  for (const char* name :
       {"OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"})
    setenv(name, "1", 1);
}

}  // namespace

MakeNeural load_neural(const std::vector<fs::path>& places, const std::string& where) {
  one_blas_thread();
  std::string reasons, stale;
  for (const auto& place : places) {
    std::error_code ignored;
    if (!fs::exists(place, ignored)) continue;
    void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const make = library ? dlsym(library, "laconic_make_neural") : nullptr;
    if (!make) {
      reasons += fmt::format(" ({})", dlerror());
      continue;
    }
    // One of other sources would take a problem's members for others of them.
    const auto* interface = static_cast<const char*>(dlsym(library, "laconic_neural_interface"));
    if (interface && std::strcmp(interface, LACONIC_NEURAL_INTERFACE) == 0) return reinterpret_cast<MakeNeural>(make);
    stale = place;
  }
  if (!stale.empty())
    throw InputError(
        fmt::format("{}/type: {} was not built together with this program: build both again", where, stale));
  throw InputError(
      fmt::format("{}/type: \"neural\" needs libtorch, which this build of Laconic is without{}: install "
                  "libtorch-dev and build again, or install the package laconic-neural",
                  where, reasons));
}

ProblemPlan neural(Params& in, const ProblemContext& context) {
  NeuralOptions o;
  o.where = in.file() + ": /problem";
  o.network = read_network(in, context.folder);
  o.classifies = in.choice("loss", "cross-entropy", {"cross-entropy", "squared-error"},
                           "of classes, or half the square of what one output misses the label by") == "cross-entropy";
  o.double_precision = in.choice("precision", "float32", {"float32", "float64"},
                                 "of the network's numbers; float64 is slower") == "float64";
  o.input = sizes(in, "input", {}, "the data's", "shape of one sample, e.g. [1, 28, 28]");
  o.regulariser.l2 = in.number("l2", 0, non_negative, "(l2/2) ||theta||^2 is part of each f_m");
  o.regulariser.nonconvex =
      in.number("nonconvex", 0, non_negative, "lambda: lambda sum_i theta_i^2/(1+theta_i^2) is part of f_m");
  o.objective = read_reduction(in, "objective", "mean", "how the workers' f_m make up f");
  o.reduction = read_reduction(in, "reduction", "mean", "how a worker's samples make up f_m");
  o.seed = static_cast<std::uint64_t>(in.count("seed", static_cast<std::int64_t>(context.seed), 0,
                                               "seed of the first weights (default: the scenario's)"));
  ProblemPlan plan;
  plan.no_optimum =
      "/problem/type: expected a convex problem, as loss_gap needs a minimum that is known, got \"neural\"";
  const auto options = std::make_shared<NeuralOptions>(std::move(o));
  const auto make = std::make_shared<MakeNeural>(nullptr);
  plan.prepare = [options, make](Dataset& data, Dataset* test) {
    *make = load_neural(places_of_library("liblaconic_neural.so"), options->where);
    for (const Dataset* one : {static_cast<const Dataset*>(&data), static_cast<const Dataset*>(test)})
      if (one) {
        check_values(*one, !options->double_precision);
        if (!options->classifies) check_targets(*one);
      }
    if (options->network.kind == NetworkShape::Kind::transformer)
      options->network.symbols = std::max(symbols_of(data), test ? symbols_of(*test) : 0);
    if (options->classifies) options->classes = make_class_labels(data, test);
  };
  plan.make = [options, make](Samples&& samples, bool) {
    Problem problem;
    (*make)(*options, samples, problem);
    return problem;
  };
  return plan;
}

}  // namespace laconic::problems
