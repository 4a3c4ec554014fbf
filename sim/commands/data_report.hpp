#pragma once

#include <string>

#include "sim/scenario/scenario.hpp"

namespace laconic::commands {

/// What each worker holds: samples, classes, smoothness, and how far the workers' gradients differ where f is least
/// (or, if that is not known, at the start). The spread is sqrt((1/M) sum_m ||grad f_m - mean||^2).
std::string data_report(const scenario::Scenario& scenario);

}  // namespace laconic::commands
