#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace laconic::tests {

/// Something that reads bytes which a user, or damage, may have made. It returns, or throws InputError or RunError, in
/// a second and without gigabytes; whatever else happens is a fault.
struct FuzzTarget {
  const char* name;
  void (*read)(std::string_view bytes);
};

std::span<const FuzzTarget> fuzz_targets();

/// Gives the bytes to a target, and takes a refusal for an answer. Every other exception passes.
void give(const FuzzTarget& target, std::string_view bytes);

/// The bytes as a file, for readers that open one themselves, in a folder of this process's own; the same path for the
/// same name.
std::filesystem::path as_file(std::string_view bytes, const std::filesystem::path& name = "file");

// The targets that are not readers of data alone.
void fuzz_finished(std::string_view bytes);
void fuzz_message(std::string_view bytes);
void fuzz_run_json(std::string_view bytes);
void fuzz_scenario(std::string_view bytes);

}  // namespace laconic::tests
