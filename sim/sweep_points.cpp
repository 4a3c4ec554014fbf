#include "sim/sweep_points.hpp"

#include <fmt/format.h>

#include "algorithms/core/error.hpp"
#include "algorithms/core/params.hpp"
#include "sim/json_input.hpp"
#include "sim/schema_check.hpp"

namespace laconic {
namespace {

using nlohmann::json;

constexpr std::size_t most_points = 1'000'000;

// Pointers whose values change together.
struct Axis {
  std::vector<std::string> pointers;
  std::vector<const json*> lists;
  std::size_t size() const { return lists.front()->size(); }
};

std::string field(const json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::vector<Axis> read_axes(const json& sweep, const std::string& where) {
  std::vector<Axis> axes;
  std::vector<std::string> seen;
  const auto take = [&](Axis& axis, const std::string& pointer, const json& list) {
    const std::string place = fmt::format("{}: \"{}\"", where, pointer);
    for (const char* fixed : {"/sweep", "/claims", "/full", "/name", "/$schema", "/comment"})
      if (pointer == fixed || pointer.starts_with(std::string(fixed) + '/'))
        throw InputError(fmt::format("{}: cannot be swept", place));
    for (const char* target : {"/stop/loss", "/stop/loss_gap", "/stop/grad_norm", "/stop/accuracy"})
      if (pointer == target || pointer == "/stop")
        throw InputError(fmt::format("{}: cannot be swept: targets are columns of summary.csv", place));
    for (const auto& other : seen)
      if (pointer == other || pointer.starts_with(other + '/') || other.starts_with(pointer + '/'))
        throw InputError(fmt::format("{}: changes what \"{}\" changes", place, other));
    seen.push_back(pointer);
    axis.pointers.push_back(pointer);
    axis.lists.push_back(&list);
  };
  for (const auto& [pointer, list] : sweep.items())
    if (pointer.starts_with('/')) take(axes.emplace_back(), pointer, list);
  if (sweep.contains("zip") && !sweep["zip"].empty()) {
    Axis& axis = axes.emplace_back();
    for (const auto& [pointer, list] : sweep["zip"].items()) {
      if (pointer.starts_with('/')) take(axis, pointer, list);
    }
    for (std::size_t i = 0; i < axis.lists.size(); ++i)
      if (axis.lists[i]->size() != axis.size())
        throw InputError(fmt::format("{}/zip: expected lists of one length, got {} values for \"{}\" and {} for \"{}\"",
                                     where, axis.size(), axis.pointers[0], axis.lists[i]->size(), axis.pointers[i]));
  }
  if (axes.empty()) throw InputError(fmt::format("{}: expected JSON pointers with lists of values, got none", where));
  return axes;
}

}  // namespace

Sweep expand_sweep(const json& source, const std::string& file) {
  if (!source.contains("sweep"))
    throw InputError(fmt::format(
        "{}: /: missing \"sweep\": expected an object such as {{\"/platform/latency\": [\"1ms\", \"10ms\"]}}", file));
  const std::string where = file + ": /sweep";
  const std::vector<Axis> axes = read_axes(source["sweep"], where);
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.size();
    if (count > most_points)
      throw InputError(fmt::format("{}: expected at most {} points, got more", where, most_points));
  }
  Sweep out;
  for (const Axis& axis : axes) out.pointers.insert(out.pointers.end(), axis.pointers.begin(), axis.pointers.end());
  json base = source;
  base.erase("sweep");
  base.erase("full");
  for (std::size_t n = 0; n < count; ++n) {
    SweepPoint& point = out.points.emplace_back(SweepPoint{{}, {}, base});
    std::size_t stride = count;
    for (const Axis& axis : axes) {
      stride /= axis.size();
      for (std::size_t i = 0; i < axis.pointers.size(); ++i) {
        const json& value = (*axis.lists[i])[n / stride % axis.size()];
        set_at(point.source, axis.pointers[i], value, fmt::format("{}: \"{}\"", where, axis.pointers[i]));
        point.values.push_back(field(value));
        point.place += fmt::format("{}{} = {}", point.place.empty() ? "" : ", ", axis.pointers[i], value.dump());
      }
    }
    check_schema(point.source, fmt::format("{}: at {}", file, point.place));
  }
  return out;
}

json learning_part(json source) {
  for (const char* key : {"name", "comment", "$schema", "claims", "platform", "conditions", "sweep", "full"})
    source.erase(key);
  const json network = source.value("network", json::object());
  source.erase("network");
  source["wire"] = network.value("wire", "float32");
  return source;
}

}  // namespace laconic
