#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "algorithms/data/partition.hpp"
#include "algorithms/data/readers/libsvm.hpp"
#include "algorithms/problems/logistic.hpp"
#include "tests/catch.hpp"
#include "tests/real_data.hpp"

// The optimum against a solver nobody here wrote: scikit-learn's, where Debian's python3-sklearn is installed.

using namespace laconic::tests;
namespace fs = std::filesystem;

namespace {

// What sklearn_optimum.py prints: the loss and the gradient's norm there; false if it does not run.
bool sklearn(const fs::path& file, double half_l2, double& loss, double& gradient) {
  const auto command = fmt::format("/usr/bin/python3 -W ignore '{}/tests/problems/sklearn_optimum.py' '{}' {}",
                                   LACONIC_SOURCE_DIR, file.string(), half_l2);
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  const bool read = std::fscanf(pipe, "%lf %lf", &loss, &gradient) == 2;
  return pclose(pipe) == 0 && read;
}

void compare(const char* path) {
  const fs::path file = real_data() / path;
  if (!fs::exists(file)) {
    WARN("skipped: " << file.string() << " is absent");
    return;
  }
  if (std::system("/usr/bin/python3 -c 'import sklearn' >/dev/null 2>&1") != 0) {
    WARN("skipped: no python3-sklearn");
    return;
  }
  constexpr int M = 4;
  constexpr double l2 = 0.025;
  Dataset data = read_libsvm(file);
  make_binary_labels(data);
  std::vector<std::int32_t> order(static_cast<std::size_t>(data.samples()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  const Problem p = make_logistic(split(data, contiguous(order, M)), {.l2 = l2, .optimum = true});

  double loss = 0, gradient = 0;
  REQUIRE(sklearn(file, M * l2 / 2, loss, gradient));
  INFO(path << ": scikit-learn's gradient there is " << gradient);
  CHECK(*p.optimum == Approx(loss).epsilon(1e-9).margin(0));
  CHECK(*p.optimum <= loss * (1 + 1e-14));
  Vector g, at_start;
  p.loss(Vector::Zero(p.d), &at_start);
  CHECK(p.loss(p.minimiser, &g) == *p.optimum);
  CHECK(g.norm() < 1e-10 * at_start.norm());
}

}  // namespace

TEST_CASE("ijcnn1's optimum is scikit-learn's") { compare("ijcnn1/ijcnn1.trn.bz2"); }
TEST_CASE("a9a's optimum is scikit-learn's") { compare("libsvm/a9a.xz"); }
