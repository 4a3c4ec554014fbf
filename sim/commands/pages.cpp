#include "sim/commands/pages.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "algorithms/base/error.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/base/params.hpp"
#include "sim/commands/analysis.hpp"
#include "sim/commands/describe.hpp"
#include "sim/run/provenance.hpp"

namespace laconic::commands {

using namespace run;

namespace {

std::string replaced(const std::string& text, const std::string& these, const char* before) {
  std::string out;
  for (const char c : text) {
    if (these.find(c) != std::string::npos) out += before;
    out += c;
  }
  return out;
}

bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

// "--out", "-h,--help", or the name of what stands without one.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> out;
  for (const auto& name : option.get_snames()) out.push_back('-' + name);
  for (const auto& name : option.get_lnames()) out.push_back("--" + name);
  if (out.empty()) out.push_back(option.get_name(true));
  return out;
}

bool has_name(const CLI::Option& option) { return !option.get_snames().empty() || !option.get_lnames().empty(); }

// What may follow a subcommand, where that is a name out of a table.
std::vector<std::string> arguments_of(const std::string& command) {
  if (command == "pages") return page_kinds;
  if (command == "bench") return {"codecs"};
  std::vector<std::string> out;
  if (command != "list" && command != "describe") return out;
  for (const auto& [kind, names] : names_by_kind()) {
    if (command == "list")
      out.push_back(kind);
    else
      out.insert(out.end(), names.begin(), names.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string options_of(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : app.get_options())
    if (has_name(*option)) out += fmt::format("{}{}", out.empty() ? "" : " ", fmt::join(names_of(*option), " "));
  return out;
}

// roff reads a backslash, a dash, and a dot or quote that begins a line.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

std::string roff_options(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : app.get_options())
    out += fmt::format(
        ".TP\n\\fB{}\\fR{}\n{}\n", roff(fmt::format("{}", fmt::join(names_of(*option), ", "))),
        has_name(*option) && !is_flag(*option) ? fmt::format(" \\fI{}\\fR", roff(option->get_type_name())) : "",
        roff(option->get_description()));
  return out;
}

std::string man(const CLI::App& app) {
  std::string out = fmt::format(
      ".TH LACONIC 1 \"\" \"{0}\" \"User Commands\"\n.SH NAME\nlaconic \\- simulator of communication\\-efficient "
      "distributed learning\n.SH SYNOPSIS\n.B laconic\n.I COMMAND\n.RI [ OPTIONS ]\n.SH DESCRIPTION\n{1}\n.SH OPTIONS\n",
      version_line(), roff(app.get_description()));
  out += roff_options(app) + ".SH COMMANDS\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    out += fmt::format(".SS laconic {}\n{}\n", roff(name), roff(command->get_description()));
    out += is_analysis(name.c_str()) ? fmt::format(".PP\n\\fBlaconic {} \\-\\-help\\fR shows its options.\n", name)
                                     : roff_options(*command);
  }
  return out +
         ".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\na claim failed\n.TP\n.B 2\nthe input is wrong: a line on the error "
         "stream says where, what was given and what is allowed\n.TP\n.B 3\na run failed, was interrupted, or all its "
         "algorithms diverged; its complete rows are kept\n.SH ENVIRONMENT\n.TP\n.B LACONIC_DATA\na folder in which data "
         "files are looked up\n.SH FILES\n.TP\n.I share/laconic/scenarios, share/laconic/platforms/ready\nready scenarios "
         "and platforms, beside the folder of the program\n";
}

std::string bash(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    commands += (commands.empty() ? "" : " ") + name;
    cases += fmt::format("    {}) options='{}' arguments='{}' ;;\n", name, options_of(*command),
                         fmt::join(arguments_of(name), " "));
  }
  return fmt::format(R"(# Completion of laconic for bash, printed by `laconic pages bash`.
_laconic() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} options='' arguments=''
  case ${{COMP_WORDS[1]}} in
{}  esac
  if ((COMP_CWORD == 1)); then
    options='{}' arguments='{}'
  fi
  [[ $word == -* ]] && arguments=$options
  mapfile -t COMPREPLY < <(compgen -W "$arguments" -- "$word")
}}
# Where nothing fits, a file is meant.
complete -o default -F _laconic laconic
)",
                     cases, options_of(app), commands);
}

// An argument of zsh's _arguments, in single quotes.
std::string zsh_option(const CLI::Option& option, const std::vector<std::string>& choices) {
  const std::string what = replaced(option.get_description(), "\\[]:", "\\");
  const std::string value = replaced(option.get_type_name(), "\\[]:", "\\");
  const std::string filled = choices.empty() ? "_files" : fmt::format("({})", fmt::join(choices, " "));
  std::string out;
  const auto add = [&](const std::string& spec) {
    out += " \\\n        '";
    for (const char c : spec) out += c == '\'' ? "'\\''" : std::string(1, c);
    out += '\'';
  };
  if (!has_name(option)) {
    add(fmt::format("*:{}:{}", option.get_name(true), filled));
    return out;
  }
  for (const auto& name : names_of(option))
    add(fmt::format("*{}[{}]{}", name, what, is_flag(option) ? "" : fmt::format(":{}:_files", value)));
  return out;
}

std::string zsh(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    std::string what;
    for (const char c : replaced(command->get_description(), "\\:", "\\"))
      what += c == '\'' ? "'\\''" : std::string(1, c);
    commands += fmt::format("    '{}:{}'\n", name, what);
    cases += fmt::format("      {})\n        _arguments", name);
    for (const CLI::Option* option : command->get_options()) cases += zsh_option(*option, arguments_of(name));
    cases += fmt::format("{} ;;\n", is_analysis(name.c_str()) ? " '*:RESULTS:_files'" : "");
  }
  std::string own;
  for (const CLI::Option* option : app.get_options()) own += zsh_option(*option, {});
  return fmt::format(R"(#compdef laconic
# Completion of laconic for zsh, printed by `laconic pages zsh`.
_laconic() {{
  local context state line
  typeset -A opt_args
  local -a commands=(
{}  )
  _arguments -C '1:command:->command' '*::argument:->argument'{}
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
{}      esac ;;
  esac
}}
_laconic "$@"
)",
                     commands, own, cases);
}

}  // namespace

std::string page(const CLI::App& app, const std::string& kind) {
  if (kind == "man") return man(app);
  if (kind == "bash") return bash(app);
  if (kind == "zsh") return zsh(app);
  throw InputError(fmt::format("pages: expected {}, got {}{}", quoted_choices(page_kinds), shown(kind),
                               did_you_mean(kind, page_kinds)));
}

}  // namespace laconic::commands
