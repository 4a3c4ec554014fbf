#include "algorithms/base/error.hpp"
#include "algorithms/methods/compose.hpp"
#include "tests/laws/setup.hpp"

using namespace laconic::tests;

namespace {

// The server's model after some rounds, without a network.
Vector model_after(Method& method, Round rounds) {
  for (Round k = 0; k < rounds; ++k) {
    const Message* model = method.server->broadcast(k);
    for (const int m : method.server->participants(k)) {
      auto& worker = *method.workers[static_cast<std::size_t>(m)];
      const Message* upload = worker.round(k, model);
      if (!upload) continue;
      method.server->receive(m, *upload, k);
      worker.upload_decided(true);
    }
    method.server->finish_round(k);
    if (const Message* vote = method.server->vote_down(k))
      for (auto& worker : method.workers) worker->close(k, *vote);
  }
  return method.server->model();
}

struct Small {
  Small() {
    std::vector<Dataset> shards;
    Rng rng(5, Purpose::data);
    for (int m = 0; m < 2; ++m) {
      RowMatrix x(6, 40);
      for (double& entry : x.reshaped()) entry = rng.normal();
      Vector y(6);
      for (double& label : y) label = rng.normal() > 0 ? 1 : -1;
      shards.push_back({x, y, "test"});
    }
    problem = make_logistic(shards, {});
    setup.round = {.d = 40, .wire = Wire::float64, .seed = 1};
  }
  Problem problem;
  Setup setup{problem, {}, "uniform", Schedule{}};
};

}  // namespace

TEST_CASE("law: whatever fills the slots, the entry is refused, or its step counts and its errors stay bounded") {
  const Small small;
  int accepted = 0;
  for (const auto& compressor : methods::compressors())
    for (const auto& memory : methods::memories())
      for (const auto& update : methods::updates())
        for (const auto& aggregate : methods::aggregates())
          for (const bool local : {false, true}) {
            nlohmann::json entry = {{"memory", memory.name}, {"update", update.name}, {"aggregate", aggregate.name}};
            entry["compressor"] = {{"type", compressor.name}};
            const std::string name = compressor.name;
            if (name == "top-k" || name == "rand-k" || name == "stoc-mv") entry["compressor"]["k"] = 3;
            if (name == "rand-k") entry["compressor"]["unbiased"] = true;
            if (name == "qsgd") entry["compressor"]["bits"] = 2;
            if (std::string(memory.name) == "shifted") entry["memory"] = {{"type", "shifted"}, {"alpha", 0.05}};
            if (std::string(update.name).ends_with("adagrad-norm"))
              entry["update"] = {{"type", update.name}, {"b0", 1}};
            if (local) entry["local_steps"] = 2;
            INFO(entry.dump());
            const auto model = [&](double step) {
              if (!update.finds_own_step) entry["step"] = step;
              Params in(entry, "", "", Constants{{"L", 1}, {"L_max", 1}, {"M", 2}, {"d", 40}, {"K", 1}});
              Method method = methods::compose(small.setup, in, {});
              return model_after(method, 20);
            };
            try {
              const Vector once = model(0.001), thrice = model(0.003);
              ++accepted;
              if (!update.finds_own_step) CHECK((once - thrice).norm() > 0.01 * once.norm());
              CHECK(thrice.norm() < 1e6);
            } catch (const InputError&) {
            }
          }
  CHECK(accepted > 100);
}
