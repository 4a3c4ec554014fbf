#include "algorithms/problems/torch/blas.hpp"

#include <ATen/Version.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

namespace laconic::problems {
namespace {

// The library in which libtorch finds sgemm_; none where BLAS is part of libtorch.
std::string library_path() {
  void* const symbol = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (!symbol || dladdr(symbol, &info) == 0 || !info.dli_fname) return "";
  std::error_code ignored;
  const auto path = std::filesystem::canonical(info.dli_fname, ignored);
  return ignored ? info.dli_fname : path.string();
}

// A function of that library, or of one that it is made of.
template <class Function>
Function* function(const char* name) {
  static void* const library = [] {
    const std::string path = library_path();
    return path.empty() ? nullptr : dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  }();
  return reinterpret_cast<Function*>(dlsym(library ? library : RTLD_DEFAULT, name));
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace

void hold_blas_to_one_thread() {
  if (const auto set = function<void(int)>("openblas_set_num_threads")) set(1);
  if (const auto set = function<void(long)>("bli_thread_set_num_threads")) set(1);
  if (const auto set = function<void(int)>("MKL_Set_Num_Threads")) set(1);
}

std::string blas_name() {
  if (const auto config = function<char*()>("openblas_get_config")) return trimmed(config());
  if (const auto version = function<const char*()>("bli_info_get_version_str"))
    return fmt::format("BLIS {}", version());
  if (const auto version = function<void(char*, int)>("MKL_Get_Version_String")) {
    char text[200] = {};
    version(text, sizeof text - 1);
    return trimmed(text);
  }
  if (at::hasMKL()) return at::get_mkl_version();
  const std::string path = library_path(), file = std::filesystem::path(path).filename();
  if (file.empty()) return "part of libtorch";
  if (function<void()>("ATL_buildinfo")) return fmt::format("ATLAS ({})", file);
  constexpr std::string_view reference = "libblas.so.";
  if (file.starts_with(reference)) return fmt::format("reference BLAS {}", file.substr(reference.size()));
  return file;
}

}  // namespace laconic::problems
