#pragma once

#include <span>
#include <string>
#include <vector>

#include "algorithms/core/types.hpp"

namespace laconic::problems {

/// A tensor of a network's parameters.
struct ModelLayer {
  std::string name;          ///< as the public implementation calls it
  std::vector<Index> shape;  ///< as it is stored there
  double flops = 0;          ///< of its part of one sample's forward pass: multiplications and additions of products

  Index size() const;
};

/// A published network.
struct NamedModel {
  const char* name;
  const char* summary;
  const char* source;
  bool image;        ///< whether a sample is an image of `input` x `input` pixels, or a sequence of `input` tokens
  Index input;       ///< by default
  Index most_input;  ///< pixels, or tokens, that it is defined for
  Index parameters;  ///< as published
  /// Its tensors in the order of the public implementation, which is that of the forward pass but for residual
  /// branches.
  std::vector<ModelLayer> (*layers)(Index input);
};

/// By name. The flops are those of convolutions and matrix products, attention among them; what else there is (norms,
/// activations, look-ups) counts nothing.
std::span<const NamedModel> named_models();

/// The least side of an image, and the least length of a sequence.
inline Index least_input(const NamedModel& model) { return model.image ? 32 : 1; }

}  // namespace laconic::problems
