#include "algorithms/data/load.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/transforms.hpp"
#include "tests/catch.hpp"

// What happens to samples between the file and the workers.

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Files {
  fs::path folder = fs::temp_directory_path() / ("laconic-load-" + std::to_string(getpid()));
  Files() { fs::create_directories(folder); }
  ~Files() { fs::remove_all(folder); }
  void write(const char* name, const std::string& text) const { std::ofstream(folder / name) << text; }
};

LoadedData load(const Files& files, const json& block) {
  Params in(block, "s.json", "/data");
  const auto read = read_data(in, {2, 1, {}, files.folder});
  in.finish("the data");
  return read();
}

std::string error(const Files& files, const json& block) {
  try {
    load(files, block);
  } catch (const InputError& e) {
    std::string out = e.what();
    const std::string prefix = files.folder.string() + "/";
    return out.starts_with(prefix) ? out.substr(prefix.size()) : out;
  }
  return "no error";
}

json csv(const json& more = json::object()) {
  json out{{"type", "csv"}, {"path", "a.csv"}};
  out.update(more);
  return out;
}

RowMatrix matrix(const Dataset& data) {
  return std::visit([](const auto& x) { return RowMatrix(x); }, data.x);
}

Dataset normal_data(Index n, Index d, std::uint64_t seed, bool sparse = false) {
  Rng rng(seed, Purpose::data);
  Dataset data{RowMatrix(n, d), Vector::LinSpaced(n, 0, 1), "random"};
  for (double& x : std::get<RowMatrix>(data.x).reshaped()) x = rng.uniform() < 0.5 ? 0 : 2 + rng.normal();
  if (sparse) data.x = SparseRows(std::get<RowMatrix>(data.x).sparseView());
  return data;
}

}  // namespace

TEST_CASE("samples are kept by number and class, and classes made two") {
  const Files files;
  files.write("a.csv", "1,3\n2,5\n3,8\n4,3\n5,5\n");
  files.write("words.csv", "1,cat\n2,dog\n3,eel\n");
  CHECK(load(files, csv({{"rows", 3}})).train.y == Eigen::Vector3d(3, 5, 8));
  CHECK(load(files, csv({{"rows", 99}})).train.samples() == 5);
  const Dataset kept = load(files, csv({{"classes", {3, 5}}})).train;
  CHECK(kept.y == Eigen::Vector4d(3, 5, 3, 5));
  CHECK(matrix(kept) == RowMatrix{{1}, {2}, {4}, {5}});
  CHECK(load(files, csv({{"positive", 3}, {"rows", 3}})).train.y == Eigen::Vector3d(1, -1, -1));
  CHECK(load(files, csv({{"positive", {3, 8}}, {"rows", 3}})).train.y == Eigen::Vector3d(1, -1, 1));
  CHECK(load(files, csv({{"path", "words.csv"}, {"positive", "dog"}})).train.y == Eigen::Vector3d(-1, 1, -1));
  CHECK(error(files, csv({{"classes", 4}})) == "a.csv: no sample is of class 4");
  CHECK(error(files, csv({{"positive", "dog"}})) == "a.csv: the labels are numbers: there is no class \"dog\"");
  CHECK(error(files, csv({{"path", "words.csv"}, {"positive", "dig"}})) ==
        "words.csv: there is no class \"dig\" (did you mean \"dog\"?); there are \"cat\", \"dog\" and \"eel\"");
}

TEST_CASE("a test set: a share of the samples, or a file like the training data's") {
  const Files files;
  files.write("a.csv", "x,y\n1,3\n2,5\n3,8\n4,3\n5,5\n6,1\n7,2\n8,4\n9,9\n10,0\n");
  files.write("t.csv", "x,y\n8,3\n");
  files.write("a.svm", "1 1:1 4:1\n0 2:1\n");
  files.write("t.svm", "1 1:1\n");
  files.write("big.svm", "1 5:1\n");
  const LoadedData shared = load(files, csv({{"test", {{"share", 0.3}}}}));
  REQUIRE(shared.test);
  CHECK(shared.test->samples() == 3);
  CHECK(shared.train.samples() == 7);
  const auto sorted = [](const Dataset& data) {
    const Vector x = matrix(data).col(0);
    return std::is_sorted(x.begin(), x.end());
  };
  CHECK(sorted(shared.train));
  CHECK(sorted(*shared.test));
  CHECK(matrix(shared.train).sum() + matrix(*shared.test).sum() == 55);
  CHECK(matrix(*load(files, csv({{"test", {{"share", 0.3}, {"seed", 2}}}})).test) != matrix(*shared.test));
  CHECK(matrix(*load(files, csv({{"test", {{"path", "t.csv"}}}})).test) == RowMatrix{{8}});
  // A file of samples whose last features are absent has them all the same.
  const json svm{{"type", "libsvm"}, {"path", "a.svm"}, {"test", {{"path", "t.svm"}}}};
  CHECK(load(files, svm).test->features() == 4);
  CHECK(error(files, {{"type", "libsvm"}, {"path", "a.svm"}, {"test", {{"path", "big.svm"}}}}) ==
        "big.svm:1:3: expected an index of at most 4, got \"5:1\" (\"features\" is 4)");
  CHECK(load(files, {{"type", "gaussian"}, {"samples", 10}, {"features", 2}, {"test", {{"share", 0.5}}}})
            .test->samples() == 5);

  CHECK(error(files, csv({{"test", {{"share", 0.01}}}})) ==
        "a.csv: a test share of 0.01 leaves 0 of 10 samples to test on");
  CHECK(error(files, csv({{"test", {{"share", 0.99}}}})) ==
        "a.csv: a test share of 0.99 leaves 0 of 10 samples to learn from");
  CHECK(error(files, csv({{"test", {{"header", true}}}})) ==
        "s.json: /data/test: missing \"path\", the test set's, or a \"share\"");
  CHECK(error(files, csv({{"test", 0.3}})) == "s.json: /data/test: expected an object, got 0.3");
  CHECK(error(files, csv({{"test", {{"share", 0.3}, {"path", "t.csv"}}}}))
            .starts_with("s.json: /data/test: \"path\" means nothing to test"));
  CHECK(error(files, {{"type", "gaussian"}, {"samples", 10}, {"features", 2}, {"test", {{"samples", 3}}}}) ==
        "s.json: /data: missing \"share\": expected a number between 0 and 1");
}

TEST_CASE("scaling: learnt from the training samples, applied to both, what is constant stays finite") {
  for (const bool sparse : {false, true}) {
    Dataset train = normal_data(50, 4, 1, sparse), test = normal_data(20, 4, 2, sparse);
    const RowMatrix before = matrix(test);
    scale(train, &test, Scaling::max_abs);
    CHECK((matrix(train).cwiseAbs().colwise().maxCoeff().array() - 1).abs().maxCoeff() < 1e-15);
    CHECK((matrix(test).cwiseQuotient(before.cwiseMax(1e-300))).allFinite());
    CHECK(train.x.index() == (sparse ? 1u : 0u));
    scale(train, &test, Scaling::unit_rows);
    for (const Dataset* data : {&train, &test})
      for (Index i = 0; i < data->samples(); ++i) {
        const double norm = matrix(*data).row(i).norm();
        CHECK((norm == 0 || std::abs(norm - 1) < 1e-15));
      }
  }
  Dataset train = normal_data(50, 3, 1), test = normal_data(20, 3, 2, true);
  std::get<RowMatrix>(train.x).col(1).setConstant(0.1);
  const RowMatrix before = matrix(train), held = matrix(test);
  scale(train, &test, Scaling::standardise);
  const RowMatrix x = matrix(train);
  CHECK(x.colwise().mean().cwiseAbs().maxCoeff() < 1e-14);
  CHECK(x.col(0).squaredNorm() / 50 == Approx(1).epsilon(1e-14));
  CHECK(x.col(1).isZero(0));
  CHECK(matrix(test)(3, 0) == Approx((held(3, 0) - before.col(0).mean()) /
                                     std::sqrt((before.col(0).array() - before.col(0).mean()).square().mean()))
                                  .epsilon(1e-12));
  Dataset zeros = normal_data(5, 2, 1, true);
  CHECK_THROWS_WITH(
      scale(zeros, nullptr, Scaling::standardise),
      "random: \"standardise\" would fill sparse data with what zeros become: \"max-abs\" keeps zeros, or "
      "\"storage\": \"dense\" where there is room");
}

TEST_CASE("principal axes: variances are the largest eigenvalues, whichever side of the matrix is longer") {
  for (const auto& [n, d] : std::vector<std::pair<Index, Index>>{{80, 6}, {12, 30}}) {
    for (const bool sparse : {false, true}) {
      Dataset train = normal_data(n, d, 3, sparse), test = normal_data(5, d, 4, sparse);
      RowMatrix x = matrix(train);
      const RowMatrix raw = matrix(test);
      x.rowwise() -= x.colwise().mean().eval();
      Vector eigenvalues = Eigen::MatrixXd(x.transpose() * x).selfadjointView<Eigen::Lower>().eigenvalues();
      project_on_principal_axes(train, &test, 4);
      const RowMatrix projected = matrix(train);
      REQUIRE(projected.cols() == 4);
      CHECK(projected.colwise().mean().cwiseAbs().maxCoeff() < 1e-12);
      const Eigen::MatrixXd gram = projected.transpose() * projected;
      for (Index j = 0; j < 4; ++j) CHECK(gram(j, j) == Approx(eigenvalues[d - 1 - j]).epsilon(1e-9));
      CHECK((gram - Eigen::MatrixXd(gram.diagonal().asDiagonal())).norm() < 1e-9 * gram.norm());
      CHECK(matrix(test).cols() == 4);
    }
  }
  Dataset data = normal_data(5, 3, 1);
  CHECK_THROWS_WITH(project_on_principal_axes(data, nullptr, 4),
                    "random: expected a projection to at most the 3 features there are, got 4");
  Dataset wide{SparseRows(2, 1'000'000'000), Eigen::Vector2d(0, 1), "wide"};
  CHECK_THROWS_WITH(project_on_principal_axes(wide, nullptr, 1),
                    "wide: principal axes want at most 1e9 numbers, got 2 x 1000000000: \"random\" projects sparse "
                    "data as they are");
}

TEST_CASE("a random projection keeps lengths on average and depends on its seed alone") {
  Dataset a = normal_data(40, 300, 5), b = normal_data(40, 300, 5, true), c = a;
  const double length = matrix(a).squaredNorm();
  project_at_random(a, nullptr, 100, 7);
  project_at_random(b, nullptr, 100, 7);
  project_at_random(c, nullptr, 100, 8);
  CHECK(matrix(a).cols() == 100);
  CHECK((matrix(a) - matrix(b)).norm() < 1e-12 * matrix(a).norm());
  CHECK(matrix(a) != matrix(c));
  CHECK(matrix(a).squaredNorm() == Approx(length).epsilon(0.15));
}

TEST_CASE("an intercept is one more feature, 1 everywhere, and stays sparse") {
  for (const bool sparse : {false, true}) {
    Dataset data = normal_data(6, 3, 6, sparse);
    const RowMatrix before = matrix(data);
    add_intercept(data);
    CHECK(matrix(data).leftCols(3) == before);
    CHECK(matrix(data).col(3) == Vector::Ones(6));
    CHECK(data.x.index() == (sparse ? 1u : 0u));
  }
}

TEST_CASE("the steps are taken in order, and their parameters checked before any file is read") {
  const Files files;
  files.write("a.csv", "1,10,0\n2,20,1\n3,60,0\n4,80,1\n");
  const LoadedData data = load(
      files, csv({{"scaling", "max-abs"}, {"projection", {{"type", "pca"}, {"dimension", 1}}}, {"intercept", true}}));
  CHECK(data.train.features() == 2);
  CHECK(matrix(data.train).col(1) == Vector::Ones(4));
  const json missing{{"type", "csv"}, {"path", "none.csv"}};
  CHECK(error(files, missing).starts_with("s.json: /data/path: no such file: looked for "));
  CHECK(error(files, csv({{"scaling", "max"}})) ==
        "s.json: /data/scaling: expected \"none\", \"standardise\", \"unit-rows\" or \"max-abs\", got \"max\" (did you "
        "mean \"max-abs\"?)");
  CHECK(error(files, csv({{"projection", {{"type", "pca"}}}})) ==
        "s.json: /data: missing \"dimension\": expected a whole number from 1 to 1000000");
  CHECK(error(files, csv({{"images", "x"}})).starts_with("s.json: /data: \"images\" means nothing to the data"));
}

TEST_CASE("generators in the papers' shapes have them") {
  const Files files;
  const Dataset covtype = load(files, {{"type", "covtype-like"}, {"samples", 4000}}).train;
  CHECK(covtype.features() == 54);
  CHECK(matrix(covtype).block(0, 10, 4000, 4).rowwise().sum() == Vector::Ones(4000));
  CHECK(matrix(covtype).block(0, 14, 4000, 40).rowwise().sum() == Vector::Ones(4000));
  CHECK(matrix(covtype).col(10).mean() == Approx(0.449).epsilon(0.06));
  CHECK(covtype.name.find("generated") != std::string::npos);
  const Dataset epsilon = load(files, {{"type", "epsilon-like"}, {"samples", 50}}).train;
  CHECK(epsilon.features() == 2000);
  CHECK(matrix(epsilon).row(7).norm() == Approx(1).epsilon(1e-14));
  const Dataset sparse =
      load(files, {{"type", "sparse-gaussian"}, {"samples", 500}, {"features", 2000}, {"density", 0.01}}).train;
  CHECK(sparse.stored() == Approx(10000).epsilon(0.05));
  CHECK(matrix(sparse).squaredNorm() == Approx(10000).epsilon(0.06));
  CHECK(load(files, {{"type", "sparse-gaussian"}, {"samples", 9}, {"features", 8}, {"density", 1}}).train.stored() ==
        72);
  CHECK(error(files, {{"type", "sparse-gaussian"}, {"samples", 1e9}, {"features", 1e9}}) ==
        "s.json: /data/density: expected at most 1e+09 entries in all, got about 1e+16");
}
