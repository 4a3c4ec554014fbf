#include "sim/run/told.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "sim/run/provenance.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/schema_check.hpp"

namespace laconic::run {

using namespace scenario;

namespace {

using nlohmann::json;

// A file's mistakes, told at their places in it.
class Teller {
 public:
  explicit Teller(std::string file) : file_(std::move(file)) {}

  [[noreturn]] void expected(const std::string& pointer, const char* what, const json* given) const {
    throw InputError(given ? fmt::format("{}: {}: expected {}, got {}", file_, pointer, what, shown(*given))
                           : fmt::format("{}: {}: missing: expected {}", file_, pointer, what));
  }

  const json& member(const json& told, const char* key, const char* what) const {
    const auto found = told.find(key);
    if (found == told.end()) expected(fmt::format("/{}", key), what, nullptr);
    return *found;
  }

  void check_scenario(const json& given) const {
    if (!given.is_object()) expected("/scenario", "the scenario as it was run", &given);
    try {
      check_schema(given, "");
    } catch (const InputError& e) {  // ": /stop: missing ...", a line each
      const std::string words = e.what();
      const auto more = std::count(words.begin(), words.end(), '\n');
      std::string first = words.substr(0, words.find('\n'));
      first.erase(0, first.starts_with(": ") ? 2 : 0);
      if (first.starts_with("/: ")) first.erase(0, 1);
      throw InputError(
          fmt::format("{}: /scenario{}{}", file_, first, more > 0 ? fmt::format(" (and {} mistakes more)", more) : ""));
    }
  }

 private:
  std::string file_;
};

}  // namespace

json read_told(const std::filesystem::path& path) {
  const Teller teller(path.string());
  json told = read_json(path);
  if (!told.is_object()) teller.expected("/", "what a run told of itself", &told);
  if (const auto found = told.find("formats"); found != told.end()) {
    const int known = formats()["json"];
    const auto own = found->is_object() ? found->find("json") : found->end();
    if (!found->is_object() || own == found->end())
      teller.expected("/formats", "an object with the number of this file's format, \"json\"", &*found);
    const std::string allowed =
        fmt::format("a whole number from 1 to {}, the newest format that this version reads", known);
    if (!own->is_number_integer() || *own < 1 || *own > known) teller.expected("/formats/json", allowed.c_str(), &*own);
  }
  if (const json& file = teller.member(told, "file", "the scenario's file");
      !file.is_string() || file.get_ref<const std::string&>().empty())
    teller.expected("/file", "the scenario's file", &file);
  if (const auto found = told.find("stand_in"); found != told.end() && !found->is_string())
    teller.expected("/stand_in", "a sentence", &*found);
  teller.check_scenario(teller.member(told, "scenario", "the scenario as it was run"));
  return told;
}

}  // namespace laconic::run
