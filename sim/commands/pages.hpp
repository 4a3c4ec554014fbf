#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace laconic::commands {

/// The texts that `laconic pages KIND` prints: "bash" and "zsh", completion for those shells, and "man", the manual
/// page.
inline const std::vector<std::string> page_kinds = {"bash", "man", "zsh"};

/// Such a text, from what `app` and its subcommands say of themselves and from the tables of names a scenario may use.
/// Throws InputError for another kind.
std::string page(const CLI::App& app, const std::string& kind);

}  // namespace laconic::commands
