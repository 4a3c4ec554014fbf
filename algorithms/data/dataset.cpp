#include "algorithms/data/dataset.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/text.hpp"

namespace laconic::data {

std::string Dataset::label_text(double label) const {
  const bool is_class = label >= 0 && label < static_cast<double>(classes.size()) && label == std::floor(label);
  return is_class ? shown_token(classes[static_cast<std::size_t>(label)]) : fmt::format("{}", label);
}

}  // namespace laconic::data
