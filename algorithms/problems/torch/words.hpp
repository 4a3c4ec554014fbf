#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <filesystem>
#include <string>

namespace laconic::problems {

/// Why torch failed, in one line: its reason without its stack and the script's traceback, and the statement of the
/// script where it failed, if it tells one.
std::string torch_reason(const std::exception& e);

/// Why a file could not be loaded as a TorchScript module, and what makes one of it.
std::string load_reason(const std::filesystem::path& file, const std::exception& e);

/// "[2, 3]"
std::string shape_text(at::IntArrayRef sizes);

}  // namespace laconic::problems
