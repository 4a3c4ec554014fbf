#include <cstring>

#include "algorithms/memories/difference.hpp"
#include "algorithms/memories/error_feedback.hpp"
#include "algorithms/methods/registry.hpp"
#include "tests/laws/setup.hpp"

using namespace laconic::tests;

namespace {

Vector sent_by(const Compressor& c, const Vector& wanted, Wire wire, Round k) {
  const auto seed = static_cast<std::uint64_t>(k);
  return decoded(c, encoded(c, wanted, wire, seed), wire, seed);
}

}  // namespace

TEST_CASE("law: error feedback conserves mass: what was sent plus the memory is the sum of all gradients") {
  constexpr Index d = 37;
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      for (const double gamma : {1.0, 0.1}) {
        const TestSetup s(d, wire);
        Params in(part_parameters(), "", "");
        const auto c = entry.make(s.setup, in)(0);
        ErrorFeedback memory(d, Schedule{Schedule::Kind::constant, gamma, 0});
        Vector gradients = Vector::Zero(d), sent_sum = Vector::Zero(d), wanted;
        Rng rng(9, Purpose::data);
        for (Round k = 0; k < 50; ++k) {
          Vector g(d);
          for (double& x : g) x = rng.normal();
          memory.compensate(k, g, wanted);
          if (k % 3 == 1) continue;  // a silent round leaves the memory, and its gradient is never sent
          gradients += gamma * g;
          const Vector sent = sent_by(*c, wanted, wire, k);
          memory.commit(wanted, sent);
          sent_sum += sent;
          if (sent_sum.norm() > 1e50) break;  // l1-sign is no contraction: its error grows without end
          INFO(entry.name << ", round " << k);
          REQUIRE((sent_sum + memory.error() - gradients).norm() <= 1e-12 * (1 + gradients.norm() + sent_sum.norm()));
        }
      }
    }
  }
}

TEST_CASE("law: with differences, worker and server hold the same copy, bit for bit, whatever the wire rounds away") {
  constexpr Index d = 21;
  for (const auto& entry : methods::compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      const TestSetup s(d, wire);
      Params in(part_parameters(), "", "");
      const auto c = entry.make(s.setup, in)(0);
      Difference memory(d);
      Vector server = Vector::Zero(d), wanted, copy;
      Rng rng(9, Purpose::data);
      for (Round k = 0; k < 50; ++k) {
        Vector g(d);
        for (double& x : g) x = rng.normal() / 3;
        memory.compensate(k, g, wanted);
        const Vector sent = sent_by(*c, wanted, wire, k);
        memory.held(sent, copy);
        memory.commit(wanted, sent);
        server += sent;
        if (server.norm() > 1e50) break;
        REQUIRE(std::memcmp(copy.data(), server.data(), d * sizeof(double)) == 0);
      }
    }
  }
}

TEST_CASE("law: no compressor errs by more than the omega and delta it states") {
  for (const auto& entry : methods::compressors()) {
    for (const Index d : {4, 37, 200}) {
      const TestSetup s(d);
      const auto c = made(entry, s);
      const auto omega = c->omega(), delta = c->delta();
      Rng rng(3, Purpose::data);
      for (int kind = 0; kind < 4; ++kind) {  // even, normal, heavy-tailed, one entry alone
        Vector v = Vector::Zero(d);
        for (double& x : v) x = kind == 0 ? 1.0 : kind == 1 ? rng.normal() : std::pow(rng.normal(), 5);
        if (kind == 3) v = Vector::Unit(d, 1);
        const bool max_norm = std::string(entry.name) == "laq";
        const int draws = 400;
        double error = 0;
        for (Round k = 0; k < draws; ++k) {
          const Vector e = sent_by(*c, v, Wire::float64, k) - v;
          const double size = max_norm ? e.lpNorm<Eigen::Infinity>() : e.norm();
          error += size * size / draws;
        }
        const double norm = max_norm ? v.lpNorm<Eigen::Infinity>() : v.norm();
        INFO(entry.name << ", d = " << d << ", kind " << kind << ", error " << error / (norm * norm));
        if (omega) CHECK(error <= (1.3 * *omega + 1e-9) * norm * norm);
        if (delta && *delta >= 0) CHECK(error <= (1.3 * (1 - *delta) + 1e-9) * norm * norm);
      }
    }
  }
}
