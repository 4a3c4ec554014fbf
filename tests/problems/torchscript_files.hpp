#pragma once

#include <torch/script.h>
#include <unistd.h>

#include "tests/problems/neural_problem.hpp"

// TorchScript files as users export them from PyTorch, made with libtorch alone.

namespace laconic::tests {

struct Files {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("laconic-torchscript-" + std::to_string(getpid()));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() { std::filesystem::remove_all(folder); }
};

inline at::Tensor ramp(std::vector<std::int64_t> shape, at::ScalarType type = at::kFloat) {
  std::int64_t n = 1;
  for (const auto size : shape) n *= size;
  return (at::arange(n, at::kDouble) / static_cast<double>(n) - 0.4).reshape(shape).to(type);
}

inline torch::jit::Module network_of(const std::vector<std::pair<std::string, at::Tensor>>& weights,
                                     const std::string& body) {
  torch::jit::Module out("Network");
  for (const auto& [name, w] : weights) out.register_parameter(name, w.detach().requires_grad_(true), false);
  out.register_attribute("training", c10::BoolType::get(), true);
  out.define("def forward(self, x: Tensor):\n  " + body + "\n");
  return out;
}

inline nlohmann::json block_of(const char* file, nlohmann::json more = nlohmann::json::object()) {
  nlohmann::json out{{"model", file}};
  out.update(more);
  return out;
}

}  // namespace laconic::tests
