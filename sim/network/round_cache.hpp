#pragma once

#include <string>
#include <unordered_map>
#include <utility>

namespace laconic::network {

/// What rounds cost, by what that depends on, packed (EqualWorkers::key, timing_key): as many as 64 MB of keys can
/// name.
template <class Cost>
class RoundCache {
 public:
  /// nullptr: not known.
  const Cost* find(const std::string& key) const {
    const auto known = costs_.find(key);
    return known == costs_.end() ? nullptr : &known->second;
  }
  void keep(std::string key, const Cost& cost) {
    if (room_ < key.size()) return;
    room_ -= key.size();
    costs_.emplace(std::move(key), cost);
  }

 private:
  std::unordered_map<std::string, Cost> costs_;
  std::size_t room_ = std::size_t{64} << 20;
};

}  // namespace laconic::network
