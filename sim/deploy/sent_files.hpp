#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace laconic::deploy {

/// Sends the files that a scenario's data, problem, platform and conditions name, and those in folders that they name:
/// `send(name, bytes)` each. Returns the scenario with these names. Throws InputError where one cannot be read.
nlohmann::json send_files(nlohmann::json source, const std::filesystem::path& folder,
                          const std::function<void(const std::string& name, const std::string& bytes)>& send);

/// A folder of this process's own for files that were sent, which goes with it.
class SentFiles {
 public:
  SentFiles() = default;
  ~SentFiles();
  SentFiles(const SentFiles&) = delete;
  SentFiles& operator=(const SentFiles&) = delete;
  /// Throws RunError where it cannot be written.
  void add(const std::string& name, std::string_view bytes);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace laconic::deploy
