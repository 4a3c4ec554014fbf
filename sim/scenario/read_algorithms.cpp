#include "sim/scenario/read_algorithms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "algorithms/asynchronous/registry.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/named_table.hpp"
#include "algorithms/methods/registry.hpp"

namespace laconic::scenario {

using namespace methods;
using namespace asynchronous;
using namespace rounds;

namespace {

using nlohmann::json;

std::vector<std::string> all_methods() {
  auto out = names_of(methods::methods());
  for (auto& name : names_of(asynchronous_methods())) out.push_back(std::move(name));
  std::sort(out.begin(), out.end());
  return out;
}

AlgorithmEntry read_algorithm(const Source& source, std::size_t i, std::set<std::string>& labels) {
  const json& entry = source.json["algorithms"][i];
  const auto pointer = fmt::format("/algorithms/{}", i);
  Params in(entry, source.file, pointer);
  const auto method = in.choice("method", {}, all_methods(), "the algorithm");
  const auto label = in.text("label", method, "a name", "what the results call it");
  if (!labels.insert(label).second)
    throw InputError(fmt::format("{}: {}: a second algorithm called {}: give it a \"label\" of its own", source.file,
                                 pointer, shown(label)));
  return {label, method, pointer, entry};
}

}  // namespace

bool is_asynchronous(const std::string& method) { return find(asynchronous_methods(), method) != nullptr; }

std::vector<AlgorithmEntry> list_algorithms(const Source& source) {
  std::vector<AlgorithmEntry> out;
  for (const json& entry : source.json["algorithms"]) {
    const std::string method = entry["method"];
    out.push_back({entry.value("label", method), method, fmt::format("/algorithms/{}", out.size()), entry});
  }
  return out;
}

std::vector<AlgorithmEntry> read_algorithms(const Source& source,
                                            const std::function<Summation(const AlgorithmEntry&)>& look,
                                            const Collective* collective) {
  std::vector<AlgorithmEntry> out;
  std::set<std::string> labels;
  std::string mistakes;
  for (std::size_t i = 0; i < source.json["algorithms"].size(); ++i) {
    try {
      out.push_back(read_algorithm(source, i, labels));
      const Summation uploads = look(out.back());
      if (!collective) continue;
      if (const auto refusal = refused(*collective, uploads))
        throw InputError(fmt::format("{}: {}/{}: {}", source.file, out.back().pointer, refusal->key, refusal->why));
    } catch (const InputError& e) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  return out;
}

std::vector<std::string> labels_of(const std::vector<AlgorithmEntry>& algorithms) {
  std::vector<std::string> out;
  for (const auto& algorithm : algorithms) out.push_back(algorithm.label);
  return out;
}

}  // namespace laconic::scenario
