#include "sim/scenario/sweep_points.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"
#include "algorithms/base/text.hpp"
#include "sim/scenario/json_input.hpp"
#include "sim/scenario/schema_check.hpp"

namespace laconic::scenario {
namespace {

using nlohmann::json;

constexpr std::size_t most_points = 1'000'000, most_checked = 10'000;

// Numbers stay numbers, whatever their sign.
std::string swept_field(const json& value) {
  return value.is_number() ? value.dump() : csv_field(value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

void Sweep::read_axes(const json& sweep, const std::string& where) {
  const auto take = [&](Axis& axis, const std::string& pointer, const json& list) {
    const std::string place = fmt::format("{}: \"{}\"", where, pointer);
    for (const char* fixed : {"/sweep", "/claims", "/full", "/tune", "/seeds", "/name", "/$schema", "/comment"})
      if (pointer == fixed || pointer.starts_with(std::string(fixed) + '/'))
        throw InputError(fmt::format("{}: cannot be swept", place));
    const bool formats = pointer == "/record" && std::any_of(list.begin(), list.end(), [](const json& value) {
                           return value.is_object() && value.contains("format");
                         });
    if (pointer == "/record/format" || formats)
      throw InputError(fmt::format("{}: \"format\" cannot be swept: all points are in one file", place));
    for (const char* target : {"/stop/loss", "/stop/loss_gap", "/stop/grad_norm", "/stop/accuracy"})
      if (pointer == target || pointer == "/stop")
        throw InputError(fmt::format("{}: cannot be swept: targets are columns of summary.csv", place));
    if (pointer == "/algorithms")
      throw InputError(fmt::format("{}: cannot be swept: the algorithms of a scenario run beside each other", place));
    for (const auto& other : pointers_)
      if (pointer == other || pointer.starts_with(other + '/') || other.starts_with(pointer + '/'))
        throw InputError(fmt::format("{}: changes what \"{}\" changes", place, other));
    pointers_.push_back(pointer);
    axis.pointers.push_back(pointer);
    axis.lists.emplace_back(list.begin(), list.end());
  };
  for (const auto& [pointer, list] : sweep.items())
    if (pointer.starts_with('/')) take(axes_.emplace_back(), pointer, list);
  if (sweep.contains("zip")) {
    Axis axis;
    for (const auto& [pointer, list] : sweep["zip"].items())
      if (pointer.starts_with('/')) take(axis, pointer, list);
    for (std::size_t i = 0; i < axis.lists.size(); ++i)
      if (axis.lists[i].size() != axis.size())
        throw InputError(fmt::format("{}/zip: expected lists of one length, got {} values for \"{}\" and {} for \"{}\"",
                                     where, axis.size(), axis.pointers[0], axis.lists[i].size(), axis.pointers[i]));
    if (!axis.lists.empty()) axes_.push_back(std::move(axis));
  }
  if (axes_.empty()) throw InputError(fmt::format("{}: expected JSON pointers with lists of values, got none", where));
}

Sweep::Sweep(const json& source, const std::string& file, std::vector<json> changes)
    : base_(source), changes_(std::move(changes)), where_(file + ": /sweep") {
  if (!source.contains("sweep"))
    throw InputError(fmt::format(
        "{}: /: missing \"sweep\": expected an object such as {{\"/platform/latency\": [\"1ms\", \"10ms\"]}}", file));
  read_axes(source["sweep"], where_);
  base_.erase("sweep");
  base_.erase("full");
  for (const Axis& axis : axes_) {
    size_ *= axis.size();
    if (size_ > most_points)
      throw InputError(fmt::format("{}: expected at most {} points, got more", where_, most_points));
  }
  if (size_ <= most_checked) {
    for (std::size_t n = 0; n < size_; ++n) check(n, file);
    return;
  }
  std::size_t stride = size_;
  for (const Axis& axis : axes_) {
    stride /= axis.size();
    for (std::size_t i = 0; i < axis.size(); ++i) check(i * stride, file);
  }
}

void Sweep::check(std::size_t point, const std::string& file) const {
  check_schema(source(point), fmt::format("{}: at {}", file, place(point)));
}

template <class Visit>
void Sweep::for_values(std::size_t point, const Visit& visit) const {
  std::size_t stride = size_;
  for (const Axis& axis : axes_) {
    stride /= axis.size();
    for (std::size_t i = 0; i < axis.pointers.size(); ++i)
      visit(axis.pointers[i], axis.lists[i][point / stride % axis.size()]);
  }
}

json Sweep::source(std::size_t point) const {
  json out = base_;
  for_values(point, [&](const std::string& pointer, const json& value) {
    set_at(out, pointer, value, fmt::format("{}: \"{}\"", where_, pointer));
  });
  if (!changes_.empty())
    for (const auto& [pointer, value] : changes_[point].items()) set_at(out, pointer, value, where_);
  return out;
}

json Sweep::values(std::size_t point) const {
  json out = json::object();
  for_values(point, [&](const std::string& pointer, const json& value) { out[pointer] = value; });
  return out;
}

std::string Sweep::columns(std::size_t point) const {
  std::string out;
  for_values(point, [&](const std::string&, const json& value) { out += swept_field(value) + ','; });
  return out;
}

std::string Sweep::place(std::size_t point) const {
  std::string out;
  for_values(point, [&](const std::string& pointer, const json& value) {
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", pointer, value.dump());
  });
  return out;
}

}  // namespace laconic::scenario
