#include "sim/commands/calibrate_choice.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "algorithms/base/params.hpp"
#include "platforms/quantity.hpp"

namespace laconic::commands {

using namespace platforms;

namespace {

// A share of the rounds, of which some must be left; nothing where the text is none.
std::optional<double> share_in(const std::string& text) {
  const auto x = parse_quantity(text, Unit::factor);
  return x && *x >= 0 && *x <= 0.9 ? x : std::nullopt;
}

std::optional<double> time_in(const std::string& text) {
  const auto x = parse_quantity(text, Unit::time);
  return x && *x > 0 && std::isfinite(*x) ? x : std::nullopt;
}

template <class Read>
CLI::Validator read_by(const Read& read, const char* words) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        return read(text) ? "" : fmt::format("expected {}, got {}", words, shown(text));
      },
      "");
}

}  // namespace

void add_calibrate_options(CLI::App* command, calibrate::CalibrateOptions& options) {
  command
      ->add_option_function<std::string>(
          "--out", [&](const std::string& text) { options.out = text; },
          "a file for what was found, which --platform of run and replay takes")
      ->type_name("FILE.json");
  command
      ->add_option_function<std::string>(
          "--hold-out", [&](const std::string& text) { options.hold_out = *share_in(text); },
          "the share of rounds that are predicted instead of fitted to (default: 0.3)")
      ->type_name("SHARE")
      ->check(read_by(share_in, "a share of the rounds, a number from 0 to 0.9"));
  command
      ->add_option_function<std::string>(
          "--latency", [&](const std::string& text) { options.latency = time_in(text); },
          "fit all else to this one-way latency, such as half of what ping says")
      ->type_name("TIME")
      ->check(read_by(time_in, "a time such as 50us"));
  command->add_flag("--json", options.as_json, "print what the file holds, and nothing else");
}

}  // namespace laconic::commands
