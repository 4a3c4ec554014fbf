#include "algorithms/methods/low_rank_model.hpp"
#include "algorithms/methods/registry.hpp"
#include "tests/laws/setup.hpp"
#include "tests/sim/collectives.hpp"

// PowerSGD: where it coincides with simpler methods, what its rounds take, and what it keeps in its memories.

using namespace laconic::tests;
using nlohmann::json;

namespace {

json power(const json& more = json::object()) {
  json entry = {{"method", "powersgd"}, {"step", 0.001}};
  if (more.is_object()) entry.update(more);
  return entry;
}

std::vector<double> losses(const json& entry, const char* wire = "float64") {
  json source = even(4, "parameter-server", entry);
  source["stop"]["rounds"] = 30;
  source["network"]["wire"] = wire;
  std::vector<double> out;
  for (const auto& row : rows_untimed(source)) out.push_back(std::stod(row[loss]));
  return out;
}

void check_near(const std::vector<double>& a, const std::vector<double>& b, double within) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("round " << k);
    REQUIRE(a[k] == Approx(b[k]).epsilon(within));
  }
}

LowRankModel one_matrix(Index rows, Index cols, Index rank) {
  LowRankModel out;
  out.matrices = {{0, rows, cols, rank}};
  return out;
}

Eigen::MatrixXd basis_of(const Eigen::MatrixXd& columns) {
  Vector P = columns.reshaped();
  one_matrix(columns.rows(), columns.cols(), columns.cols()).orthonormalise(P);
  return P.reshaped(columns.rows(), columns.cols());
}

// Two layers that are matrices, and one between them that is none: 3 x 4, 2, 2 x 3.
struct Layers {
  Layers() {
    std::vector<Dataset> shards;
    Rng rng(7, Purpose::data);
    for (int m = 0; m < 3; ++m) {
      RowMatrix x(10, 20);
      for (double& entry : x.reshaped()) entry = rng.normal();
      Vector y(10);
      for (double& label : y) label = rng.normal() > 0 ? 1 : -1;
      shards.push_back({x, y, "test"});
    }
    problem = make_logistic(std::move(shards), {});
    problem.blocks = {{"a", 0, 3, 4}, {"bias", 12, 2, 1}, {"b", 14, 2, 3}};
    setup.round = {.d = 20, .wire = Wire::float64, .seed = 1};
  }
  Method method(const json& entry) {
    Params in(entry, "s.json", "");
    return find(methods::methods(), entry["method"].get<std::string>())->make(setup, in);
  }
  Problem problem;
  Setup setup{problem, {}, "uniform", Schedule{}};
};

Vector model_after(Method method, Round rounds) {
  Learner learner(method);
  for (Round k = 0; k < rounds; ++k) learner.round(k);
  return learner.model();
}

}  // namespace

TEST_CASE("PowerSGD of full rank is gradient descent, under every update that it may have") {
  for (const json& update : {json("gd"), json{{"type", "momentum"}, {"beta1", 0.7}}, json("amsgrad"),
                             json{{"type", "adagrad-norm"}, {"b0", 1}}})
    for (const char* objective : {"sum", "mean"}) {
      INFO(update.dump() << " " << objective);
      const auto run = [&](json entry) {
        entry["update"] = update;
        json source = even(4, "parameter-server", entry);
        source["problem"]["objective"] = objective;
        source["stop"]["rounds"] = 30;
        std::vector<double> out;
        for (const auto& row : rows_untimed(source)) out.push_back(std::stod(row[loss]));
        return out;
      };
      const auto plain = run({{"method", "gd"}, {"step", 0.001}});
      for (const int rows : {3, 4, 12, 1})
        check_near(run(power({{"rank", std::min(rows, 12 / rows)}, {"rows", rows}, {"step", 0.001}})), plain, 1e-9);
    }
}

TEST_CASE("PowerSGD's first Q matters little, and its model converges where a plain power iteration's would not") {
  const auto best = [](const json& more) { return losses(power(more)).back(); };
  const double plain = losses({{"method", "gd"}, {"step", 0.001}}).back();
  for (const char* init : {"normal", "coordinates"})
    for (const int rank : {1, 2}) CHECK(best({{"init", init}, {"rank", rank}}) < plain * 1.05);
  // On the float32 wire the workers find the last step in a rounded model: what that takes is not lost.
  CHECK(losses(power({{"rank", 1}}), "float32").back() == Approx(best({{"rank", 1}})).epsilon(1e-4));
}

TEST_CASE("an update that tells its direction tells the one it took, and one that does not is given Q") {
  const TestSetup s(4);
  Setup setup = s.setup;
  setup.step = {Schedule::Kind::inverse_sqrt, 0.3};
  std::size_t telling = 0;
  for (const auto& entry : methods::updates()) {
    INFO(entry.name);
    const json parameters = {{"b0", 1}};
    Params in(parameters, "", "", {{"L", 1}, {"d", 4}});
    const auto make = entry.make(setup, in);
    const auto server = make(0), worker = make(1);
    if (!server->tells_direction()) continue;
    ++telling;
    Rng rng(1, Purpose::data);
    Vector theta = Vector::Zero(4), before, direction(4), found(4);
    for (Round k = 0; k < 5; ++k) {
      for (double& x : direction) x = rng.normal();
      before = theta;
      server->apply(k, theta, direction);
      worker->find_direction(k, before, theta, found);
      CHECK((found - direction).norm() < 1e-12);
    }
  }
  CHECK(telling == 2);
  const auto down = [](const json& more) { return rows_untimed(even(4, "parameter-server", power(more)))[2]; };
  const std::uint64_t model = 4 * 2 * 64 * 12, P = 4 * 2 * 64 * 3, Q = 4 * 64 * 4;  // from the second round on
  CHECK(down({})[download_bits] == std::to_string(model + P));
  CHECK(down({{"update", "adam"}})[download_bits] == std::to_string(model + P + Q));
}

TEST_CASE("columns that are zero or depend on others give way to the first unit vector that does not") {
  Eigen::MatrixXd A(4, 3);
  A << 0, 0, 0,  //
      3, 6, 0,   //
      4, 8, 0,   //
      0, 0, 0;
  const Eigen::MatrixXd B = basis_of(A);
  CHECK((B.transpose() * B - Eigen::MatrixXd::Identity(3, 3)).norm() < 1e-14);
  CHECK((B.col(0) - Eigen::Vector4d(0, 0.6, 0.8, 0)).norm() < 1e-15);
  CHECK((B.col(1) - Eigen::Vector4d(1, 0, 0, 0)).norm() < 1e-15);
  CHECK((B.col(2) - Eigen::Vector4d(0, 0.8, -0.6, 0)).norm() < 1e-15);  // e_2, without what the first has of it
  CHECK(basis_of(Eigen::MatrixXd::Zero(3, 3)) == Eigen::MatrixXd::Identity(3, 3));
  CHECK(basis_of(Eigen::MatrixXd::Constant(3, 2, std::nan(""))).hasNaN());
  // Columns that are nearly one keep their difference.
  Eigen::MatrixXd near(3, 2);
  near << 1, 1, 1e-7, 0, 0, 1e-7;
  const Eigen::MatrixXd C = basis_of(near);
  CHECK(std::abs(C.col(0).dot(C.col(1))) < 1e-15);
  CHECK(std::abs(C.col(1).dot(Eigen::Vector3d(0, -1, 1).normalized())) > 1 - 1e-6);
}

TEST_CASE("a gradient of zero leaves PowerSGD where it is, and able to go on") {
  json source = even(4, "parameter-server", power({{"step", 0.1}}));
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}, {"curvature", 3}, {"dimension", 12}};
  source.erase("data");
  for (const double start : {0.0, 1.0}) {
    source["algorithms"][0]["start"] = start;
    source["stop"]["rounds"] = 60;
    const auto rows = rows_untimed(source);
    REQUIRE(rows.size() == 61);
    CHECK(std::stod(rows.back()[loss]) <= 1e-6 * std::stod(rows.front()[loss]));
  }
}

TEST_CASE("on a star a round has four legs: the model, P up, P down, Q up") {
  for (const int M : {1, 4})
    for (const int rank : {1, 2}) {
      INFO(M << " " << rank);
      json source = even(M, "parameter-server", power({{"rank", rank}}));
      source["platform"]["server_bandwidth"] = "1GBps";
      const double seconds = way(bytes(12)) + compute(M) + 2 * way(bytes(3 * rank)) + way(bytes(4 * rank));
      for (const char* solver : {"auto", "simgrid", "actors"}) {
        source["network"]["solver"] = solver;
        expect_rounds_of(source, seconds);
      }
      source["network"]["solver"] = "auto";
      source["algorithms"][0]["update"] = "adam";  // Q comes down with the second model, and the third
      CHECK(std::stod(rows_on_a_network(source)[2][sim_time]) ==
            Approx(2 * seconds + w * 4 * rank / bandwidth).epsilon(1e-9));
    }
}

TEST_CASE("encoding is counted in both exchanges, where it takes time") {
  json source = even(4, "parameter-server", power());
  source["platform"]["server_bandwidth"] = "1GBps";
  source["compress_flops_per_entry"] = 5;
  expect_rounds_of(source, way(bytes(12)) + compute(4) + 2 * 5 * 12 / speed + 2 * way(bytes(3)) + way(bytes(4)));
}

TEST_CASE("under all-reduce a round is two all-reduces, and what is learned is the same") {
  const json entry = power({{"rank", 2}, {"rows", 4}});
  const auto at = [&](const json& collective) { return even(4, collective, entry, 16); };
  // P has 4 x 2 numbers, Q as many: in a ring of 4, chunks of 2.
  expect_rounds_of(at("ring-allreduce"), compute(4, 16) + 2 * 6 * way(bytes(2)));
  expect_rounds_of(at("recursive-doubling"), compute(4, 16) + 2 * 2 * way(bytes(8)));
  const auto ring = rows_untimed(at("ring-allreduce"));
  CHECK(count(ring, 1, uploads) == 2 * 4 * 3);
  CHECK(count(ring, 1, upload_bits) == 2 * 3 * 64 * 8);
  CHECK(count(ring, 1, downloads) == 2 * 4 * 3);
  CHECK(count(ring, 1, download_bits) == 2 * 3 * 64 * 8);
  const auto server = rows_untimed(at("parameter-server"));
  for (const json& collective : every_collective) {
    INFO(collective.dump());
    const auto rows = rows_untimed(at(collective));
    for (std::size_t k = 0; k < rows.size(); ++k) CHECK(rows[k][loss] == server[k][loss]);
  }
}

TEST_CASE("each layer is a matrix of its own, and those of one dimension travel beside P") {
  Layers s;
  Method method = s.method(power({{"rank", 1}}));
  Learner learner(method);
  const RoundPlan plan = learner.round(0);
  REQUIRE(plan.more.size() == 1);
  CHECK(plan.shares[2].upload_bits == std::uint64_t{64 * (3 + 2 + 2)});
  CHECK(plan.more[0].broadcast_bits == std::uint64_t{64 * 3 + 64 * 2});
  CHECK(plan.more[0].shares[2].upload_bits == std::uint64_t{64 * 4 + 64 * 3});
  CHECK(method.uploads.code(0).d == 3 + 2 + 2);
  CHECK(method.uploads.further.at(0).d == 4 + 3);
  // Rank 3 is the first matrix's full rank, and the other's is 2: nothing is left out.
  const Vector full = model_after(s.method(power({{"rank", 3}, {"step", 0.01}})), 20);
  const Vector plain = model_after(s.method({{"method", "gd"}, {"step", 0.01}}), 20);
  CHECK((full - plain).norm() < 1e-12 * plain.norm());
  // The bias is not compressed, whatever the rank.
  const Vector low = model_after(s.method(power({{"rank", 1}, {"step", 0.01}})), 1),
               first = model_after(s.method(power({{"rank", 3}, {"step", 0.01}})), 1);
  CHECK((low - first).segment(12, 2).norm() < 1e-15);
  CHECK((low - first).norm() > 1e-6);
}

TEST_CASE("the error memories and the model together hold all gradients: nothing is lost") {
  // With a constant step, theta^K = -gamma sum_k G^k, and sum_k (mean g - G) is the memories' mean, which is bounded.
  Layers s;
  const auto far = [&](Round rounds) {
    Method method = s.method(power({{"rank", 1}, {"step", 0.002}}));
    Learner learner(method);
    Vector sum = Vector::Zero(20), g(20);
    for (Round k = 0; k < rounds; ++k) {
      for (const auto& f_m : s.problem.workers) {
        f_m->gradient(learner.model(), {{}, f_m->samples(), true}, g);
        sum += g;
      }
      learner.round(k);
    }
    return (learner.model() + 0.002 * sum).norm() / (0.002 * sum).norm();
  };
  CHECK(far(200) < 0.2);
  CHECK(far(400) < 0.6 * far(100));
}

TEST_CASE("what PowerSGD cannot do is refused with the reason") {
  const auto refusal = [](const json& more) { return error(even(4, "parameter-server", power(more))); };
  const std::string at = "test.json: /algorithms/0/";
  CHECK(refusal({}) == "no error");
  CHECK(refusal({{"rows", 5}}) == at + "rows: expected a whole number that divides d = 12, got 5");
  CHECK(refusal({{"rank", 4}}) == at + "rank: expected at most 3, the largest rank of a matrix of this model, got 4");
  CHECK(refusal({{"rows", 4}, {"rank", 3}}) == "no error");
  CHECK(refusal({{"momentum", 0.9}}) ==
        at + "momentum: the method's momentum is the server's, behind the error memories: \"update\": \"momentum\"");
  for (const char* slot : {"compressor", "memory", "trigger", "participation", "aggregate", "downlink"})
    CHECK(refusal({{slot, "identity"}}).find(at + slot + ": ") == 0);
  CHECK(refusal({{"local_steps", 3}}) == at + "local_steps: the method factorises gradients");
  CHECK(refusal({{"update", "mh-adaptive"}}) == at + "update: \"mh-adaptive\" steps along a vote");
  CHECK(refusal({{"update", {{"type", "gradient-adagrad-norm"}, {"b0", 1}}}}) ==
        at + "update: \"gradient-adagrad-norm\" asks the workers for numbers beneath their vectors, and this method's "
             "messages have none");
  Layers s;
  s.problem.blocks = {{"a", 0, 20, 1}};
  CHECK_THROWS_WITH(s.method(power()),
                    Catch::Contains("the model's layers are vectors: \"rows\" reads them as one matrix"));
  CHECK_NOTHROW(s.method(power({{"rows", 4}})));
}
