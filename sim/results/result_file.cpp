#include "sim/results/result_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "algorithms/base/error.hpp"

namespace laconic::results {

ResultFile::ResultFile(std::filesystem::path path)
    : path_(std::move(path)), partial_(path_.string() + ".partial"), file_(std::fopen(partial_.c_str(), "wb")) {
  if (!file_) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

ResultFile::~ResultFile() {
  if (!file_) return;
  std::fclose(file_);
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void ResultFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
    throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

void ResultFile::commit() {
  const int failed = std::fclose(std::exchange(file_, nullptr));
  if (failed) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
  std::error_code error;
  std::filesystem::rename(partial_, path_, error);
  if (error) throw RunError(fmt::format("{}: cannot write: {}", path_.string(), error.message()));
}

}  // namespace laconic::results
