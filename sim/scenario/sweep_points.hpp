#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace laconic::scenario {

/// The points of a scenario's "sweep": {"/pointer": [values], ..., "zip": {"/pointer": [values], ...}}, every
/// combination of the lists, those of "zip" as one. The last list's values vary fastest. A point is made when asked
/// for: there may be a million.
class Sweep {
 public:
  /// Checks points against the schema: each, or where there are more than 10000, each value beside the others' first.
  /// Throws InputError.
  /// `changes`: for each point what else is put in there, {"/pointer": value}; empty: nothing.
  Sweep(const nlohmann::json& source, const std::string& file, std::vector<nlohmann::json> changes = {});

  std::size_t size() const { return size_; }
  /// "/platform/latency", ...: those of the product, then those of "zip".
  const std::vector<std::string>& pointers() const { return pointers_; }
  /// The scenario there, without "sweep".
  nlohmann::json source(std::size_t point) const;
  /// {"/pointer": value} there.
  nlohmann::json values(std::size_t point) const;
  /// The pointers' values there, as CSV fields that each end with a comma.
  std::string columns(std::size_t point) const;
  /// "/platform/latency = \"1ms\", /workers = 10"
  std::string place(std::size_t point) const;

 private:
  // Pointers whose values change together.
  struct Axis {
    std::vector<std::string> pointers;
    std::vector<std::vector<nlohmann::json>> lists;
    std::size_t size() const { return lists.front().size(); }
  };
  void read_axes(const nlohmann::json& sweep, const std::string& where);
  void check(std::size_t point, const std::string& file) const;
  template <class Visit>
  void for_values(std::size_t point, const Visit& visit) const;

  nlohmann::json base_;
  std::vector<nlohmann::json> changes_;
  std::string where_;
  std::vector<Axis> axes_;
  std::vector<std::string> pointers_;
  std::size_t size_ = 1;
};

}  // namespace laconic::scenario
