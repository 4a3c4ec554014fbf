#pragma once

#include "algorithms/asynchronous/compose.hpp"

namespace laconic::asynchronous {

/// What a server of models is made of.
struct ModelServerParts {
  std::unique_ptr<Rule> rule;
  Model model;
  std::unique_ptr<Compressor> compressor;  ///< decodes the uploads
  std::unique_ptr<Compressor> downlink;    ///< encodes the model
  std::optional<double> shift;             ///< Memory::shift of the workers' memory
  double scale = 1;                        ///< of what is decoded, before the rule sees it
  Concurrency concurrency;
};

/// Decodes what arrives for its rule, encodes the model for those whom the rule answers, and knows what model each
/// worker holds.
std::unique_ptr<AsynchronousServer> make_model_server(int M, ModelServerParts parts, const RoundOptions& options);

}  // namespace laconic::asynchronous
