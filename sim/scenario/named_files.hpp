#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace laconic::scenario {

/// The files that strings of a scenario name, and those that these name in their turn, as they are when this first
/// comes by them: what is read of them later can be held to that.
class NamedFiles {
 public:
  /// Numbers of files.
  using Numbers = std::vector<std::size_t>;

  /// `folder`: where the scenario is.
  explicit NamedFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Digests of all files that `value` names; empty if it names none. Of a folder of images: what is in it, how large
  /// and when written.
  std::string in(const nlohmann::json& value) { return in(value, folder_, 0); }
  /// Which they were, since this was last asked.
  Numbers taken();
  /// The first of these that is not as it was.
  std::optional<std::filesystem::path> changed(const Numbers& files) const;
  /// Throws RunError if one of these is not as it was.
  void check_same(const Numbers& files) const;

 private:
  // What the file system tells of a file, which differs whenever it was written to.
  struct Stamp {
    long numbers[7] = {};
    bool operator==(const Stamp&) const = default;
  };
  struct File {
    std::filesystem::path path;
    Stamp stamp;  // the digest is that of a folder's list where this is none
    std::string digest;
  };
  struct Known {
    std::string digests;
    std::set<std::size_t> files;
  };

  static Stamp stamp_of(const std::filesystem::path& path);
  std::string in(const nlohmann::json& value, const std::filesystem::path& folder, int depth);
  template <class Look>
  std::string once(const std::filesystem::path& folder, const std::string& name, const Look& look);
  std::string look(const std::string& name, const std::filesystem::path& folder, int depth);
  std::string list(const std::string& name, const std::filesystem::path& folder);
  std::string quoted_names(const std::string& text, const std::filesystem::path& folder, int depth);

  std::filesystem::path folder_;
  std::map<std::pair<std::filesystem::path, std::string>, Known> known_;
  std::vector<File> files_;
  std::set<std::size_t> taken_;
};

}  // namespace laconic::scenario
