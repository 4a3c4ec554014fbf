#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/problems/registry.hpp"
#include "algorithms/problems/regulariser.hpp"

// Neural networks. This file and neural.cpp know what a scenario says of one; what computes lives in torch/, in a
// library of its own, which is loaded when a scenario wants it: libtorch takes longer to load than most scenarios to
// run.

namespace laconic::problems {

enum class Activation { none, relu, tanh, elu, sigmoid };

struct NetworkShape {
  enum class Kind {
    file,         ///< a TorchScript module
    mlp,          ///< fully connected layers
    cnn,          ///< convolutions, each followed by an activation and a 2x2 maximum, then fully connected layers
    transformer,  ///< what predicts the symbol behind a sequence of symbols
  };
  Kind kind = Kind::mlp;
  std::filesystem::path path;
  std::vector<Index> hidden;  ///< units of each fully connected layer but the last
  Activation activation = Activation::relu;
  std::vector<Index> channels;  ///< each convolution's
  Index kernel = 5;
  bool same_size = true;                    ///< convolutions keep the image's size by zeros around it
  Index width = 32, heads = 2, blocks = 2;  ///< a transformer's
  Index symbols = 0;                        ///< that occur in the data, for a transformer
};

struct NeuralOptions {
  std::string where;  ///< "file: /problem", for messages
  NetworkShape network;
  bool double_precision = false;  ///< whether the network computes in float64; a theta is of doubles either way
  bool classifies = true;         ///< cross-entropy; else the mean squared error / 2 of one output
  std::vector<Index> input;       ///< a sample's shape; empty: the data's
  Index classes = 0;
  Regulariser regulariser;
  Reduction objective = Reduction::mean;
  Reduction reduction = Reduction::mean;
  std::uint64_t seed = 1;  ///< draws the first weights
};

/// What the library exports under the name `laconic_make_neural`. Throws InputError. Beside it stands a text,
/// `laconic_neural_interface`: the digest of the headers that both sides were built with.
using MakeNeural = void (*)(const NeuralOptions& options, data::Samples& samples, Problem& out);

/// The library's function, from the first of `places` that has it. Throws InputError "<where>/type: ..." that says what
/// to install, or that the library there is not this program's.
MakeNeural load_neural(const std::vector<std::filesystem::path>& places, const std::string& where);

/// Reads "model", "loss", "precision", "input", "l2", "nonconvex", "objective", "reduction" and "seed". No smoothness
/// constant is known of it, and no optimum.
ProblemPlan neural(Params& in, const ProblemContext& context);

}  // namespace laconic::problems
