#pragma once

#include <CLI/CLI.hpp>

#include "sim/calibrate/calibrate.hpp"

namespace laconic::commands {

/// The options of `laconic calibrate`.
void add_calibrate_options(CLI::App* command, calibrate::CalibrateOptions& options);

}  // namespace laconic::commands
