#include <atomic>
#include <cstdlib>

#include "algorithms/methods/registry.hpp"
#include "tests/laws/method_entries.hpp"

// A program of its own, since it counts the calls of malloc, which Eigen and operator new both use.

#if defined(LACONIC_SANITIZED) || !defined(__GLIBC__)
#define LACONIC_CANNOT_COUNT  // sanitizers have a malloc of their own
#endif

namespace {
std::atomic<std::size_t> allocations = 0;
}

#ifndef LACONIC_CANNOT_COUNT
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
}
#endif

using namespace laconic::tests;
using nlohmann::json;

namespace {

// Counts allocations in the rounds after all buffers have their sizes: LASG's D, after which everybody uploads, has
// come by twice.
std::size_t allocations_of_steady_rounds(const json& source) {
  const Scenario s = scenario_of(source);
  Method method = s.make_method(0);
  Learner learner(method);
  Round k = 0;
  while (k < 210) learner.round(k++);
  const std::size_t before = allocations;
  while (k < 320) learner.round(k++);
  return allocations - before;
}

json without_network(const MethodEntry& method, const char* wire) {
  json source = scenario_for(method, wire);
  source["platform"] = {{"type", "none"}};
  return source;
}

}  // namespace

#ifndef LACONIC_CANNOT_COUNT
TEST_CASE("allocations are counted, Eigen's and the library's") {
  const std::size_t before = allocations;
  const Vector v = Vector::Zero(1000);
  CHECK(allocations == before + 1);
  const auto p = std::make_unique<int>(static_cast<int>(v.size()));
  CHECK(allocations == before + 2);
}
#endif

TEST_CASE("law: a steady round allocates nothing") {
  for (const auto& method : methods::methods()) {
    for (const char* wire : {"float32", "float64"}) {
      INFO(method.name << ", " << wire);
      CHECK(allocations_of_steady_rounds(without_network(method, wire)) == 0);
    }
  }
}

TEST_CASE("law: nor does one with any other compressor, memory or update") {
  const auto& gd = *find(methods::methods(), std::string("sgd"));
  const auto check = [&](const char* slot, const char* name) {
    json source = without_network(gd, "float32");
    source["algorithms"][0][slot] = {{"type", name}};
    for (const auto& [key, value] : part_parameters().items()) {  // those it reads
      json with = source;
      with["algorithms"][0][slot][key] = value;
      if (!is_refused(with)) source = with;
    }
    if (is_refused(source)) return;
    INFO(slot << " " << name);
    CHECK(allocations_of_steady_rounds(source) == 0);
  };
  for (const auto& part : methods::compressors()) check("compressor", part.name);
  for (const auto& part : methods::memories()) check("memory", part.name);
  for (const auto& part : methods::triggers()) check("trigger", part.name);
  for (const auto& part : methods::updates()) check("update", part.name);
  const auto& local = *find(methods::methods(), std::string("local-sgd"));
  for (const auto& part : methods::local_updates()) {
    json source = without_network(local, "float32");
    source["algorithms"][0]["local_update"] = part.name;
    INFO("local update " << part.name);
    CHECK(allocations_of_steady_rounds(source) == 0);
  }
}

TEST_CASE("law: nor does one of sparse samples, float32 or many classes") {
  for (const char* type : {"logistic", "softmax", "smooth-svm"}) {
    for (const char* precision : {"float64", "float32"}) {
      json source = without_network(*find(methods::methods(), std::string("sgd")), "float32");
      source["problem"] = {{"type", type}, {"precision", precision}};
      source["record"]["metrics"] = {"loss"};
      INFO(type << ", " << precision);
      CHECK(allocations_of_steady_rounds(source) == 0);
      source["data"] = {{"type", "sparse-gaussian"}, {"samples", 200}, {"features", 30}, {"density", 0.2}};
      CHECK(allocations_of_steady_rounds(source) == 0);
    }
  }
}
