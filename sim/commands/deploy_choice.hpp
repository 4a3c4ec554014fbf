#pragma once

#include <CLI/CLI.hpp>

#include "sim/deploy/deploy.hpp"

namespace laconic::commands {

/// The options of `laconic deploy` that no other command has.
void add_deploy_options(CLI::App* command, deploy::DeployOptions& options);

}  // namespace laconic::commands
