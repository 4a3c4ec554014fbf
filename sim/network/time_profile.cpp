#include "sim/network/time_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/text.hpp"
#include "platforms/input_text.hpp"

namespace laconic::network {

using namespace platforms;

namespace {

struct Kind {
  Unit unit;
  double least, most;  // the bounds of values that are not 0
  bool zero;           // whether it may be 0 for a while
  const char* values;
};

Kind kind_of(Profiled of) {
  switch (of) {
    case Profiled::bandwidth:
      return {Unit::bandwidth, 1e-3, 1e18, true, "a bandwidth of 0, or from 0.001 to 1e18 bytes per second"};
    case Profiled::latency:
      return {Unit::time, 1e-9, 1e4, false, "a latency from 1e-9 to 1e4 seconds"};
    case Profiled::speed:
      return {Unit::factor, 1e-6, 1e6, true, "a share of the host's speed: 0, or from 1e-6 to 1e6"};
    case Profiled::availability:
      break;
  }
  return {Unit::factor, 1, 1, true, "1, which is up, or 0, which is down"};
}

constexpr std::size_t most_points = 1000000;

// Throws InputError for values out of range, dates that do not ascend, and a profile that ends at 0.
void check(const Profile& profile, Profiled of, const std::string& where) {
  const Kind kind = kind_of(of);
  const auto wrong = [&](const std::string& what) { throw InputError(fmt::format("{}: {}", where, what)); };
  if (profile.points.empty()) wrong("a profile without dates: expected at least one");
  if (profile.points.size() > most_points) wrong(fmt::format("a profile of more than {} dates", most_points));
  double before = -1, most = 0;
  for (const auto& [date, value] : profile.points) {
    if (!(date >= 0) || !std::isfinite(date) || date > 1e9)
      wrong(fmt::format("expected dates from 0 to 1e9 seconds, got {}", date));
    if (date <= before) wrong(fmt::format("expected dates that ascend, got {} after {}", date, before));
    const bool fits = value == 0 ? kind.zero : value >= kind.least && value <= kind.most;
    if (!fits) wrong(fmt::format("expected {}, got {} at {} s", kind.values, value, date));
    before = date;
    most = std::max(most, value);
  }
  if (profile.period != 0 && !(profile.period > before && profile.period <= 1e9))
    wrong(
        fmt::format("expected a period beyond the last date, {} s, and at most 1e9 s, got {}", before, profile.period));
  const bool ends_at_zero = profile.period == 0 ? profile.points.back().second == 0 : most == 0;
  if (ends_at_zero && of != Profiled::availability)
    wrong("ends at 0 and stays there: nothing would move again; expected a value above 0, or a period");
}

double number(std::string_view token, const std::string& where, std::size_t line) {
  double x = 0;
  const char* at = token.data();
  const auto fault = read_number(at, token.data() + token.size(), x);
  if (fault != NumberFault::none || at != token.data() + token.size())
    throw InputError(
        fmt::format("{}: line {}: expected {}, got {}", where, line, expected_of(fault), shown_token(token)));
  return x;
}

// Calls `take` with the number and the words of each line that has any. Comments begin with # or %.
template <class Take>
void lines_of(const std::string& text, const Take& take) {
  std::istringstream in(text);
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    line.resize(std::min(line.find_first_of("#%"), line.size()));
    std::istringstream words(line);
    std::vector<std::string> out;
    for (std::string word; words >> word;) out.push_back(word);
    if (!out.empty()) take(number, out);
  }
}

Profile simgrid_syntax(const std::string& text, Profiled of, const std::string& where) {
  Profile out;
  double loop_after = -1;
  lines_of(text, [&](std::size_t line, const std::vector<std::string>& words) {
    if (words.size() != 2)
      throw InputError(
          fmt::format("{}: line {}: expected \"date value\", PERIODICITY or LOOPAFTER and a time, got {} word{}", where,
                      line, words.size(), words.size() == 1 ? "" : "s"));
    if (words[0] == "PERIODICITY")
      out.period = number(words[1], where, line);
    else if (words[0] == "LOOPAFTER")
      loop_after = number(words[1], where, line);
    else
      out.points.emplace_back(number(words[0], where, line), number(words[1], where, line));
    // SimGrid turns off what has a state of 0 or less, and its examples write -1.
    if (of == Profiled::availability && !out.points.empty() && out.points.back().second == -1)
      out.points.back().second = 0;
    if (out.points.size() > most_points)
      throw InputError(fmt::format("{}: a profile of more than {} dates", where, most_points));
  });
  if (loop_after > 0 && !out.points.empty()) out.period = out.points.back().first + loop_after;
  return out;
}

}  // namespace

double Profile::at(double time, double before) const {
  const bool again = period > 0 && time >= period;
  if (period > 0) time = std::fmod(time, period);
  const auto after =
      std::upper_bound(points.begin(), points.end(), time, [](double t, const auto& point) { return t < point.first; });
  if (after == points.begin()) return again ? points.back().second : before;
  return std::prev(after)->second;
}

Profile read_profile(Params& in, const std::string& key, Profiled of, const std::filesystem::path& folder,
                     const char* meaning) {
  const Kind kind = kind_of(of);
  const char* words = "a list of [date, value], or a profile in SimGrid's syntax or the name of a file with it";
  const nlohmann::json* value = in.look(key, "none", words, meaning);
  if (!value || !(value->is_array() || value->is_string())) in.fail(key, words);
  Profile out;
  const std::string where = in.where(key);
  if (value->is_string()) {
    if (in.has("period")) in.refuse("period", "SimGrid's syntax says it itself: PERIODICITY or LOOPAFTER and a time");
    const auto text = value->get<std::string>();
    if (text.find_first_of(" \n\t") == std::string::npos) {
      const auto path = find_file(in, key, meaning, folder);
      return profile_in(path, of, where + ": " + path.string());
    }
    return profile_of(text, of, where);
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    const nlohmann::json& point = (*value)[i];
    const auto date = point.is_array() && point.size() == 2 ? quantity_of(point[0], Unit::time) : std::nullopt;
    const auto x = date ? quantity_of(point[1], kind.unit) : std::nullopt;
    if (!x)
      throw InputError(fmt::format("{}/{}: expected [date, value]: a time such as \"10s\" and {}, got {}", where, i,
                                   kind.values, shown(point)));
    out.points.emplace_back(*date, *x);
  }
  if (in.has("period"))
    out.period = quantity(in, "period", nullptr, Unit::time, "after which the profile begins again");
  if (in.has("period") && out.period == 0) in.fail("period", "a positive time");
  check(out, of, where);
  return out;
}

Profile profile_of(const std::string& text, Profiled of, const std::string& where) {
  Profile out = simgrid_syntax(text, of, where);
  check(out, of, where);
  return out;
}

Profile profile_in(const std::filesystem::path& file, Profiled of, const std::string& where) {
  return profile_of(read_text(file), of, where);
}

Profile read_measured(Params& in, const std::string& key, const std::filesystem::path& folder) {
  const auto path = find_file(in, key, "a measured trace: lines of seconds and megabits per second", folder);
  if (in.has("period")) in.refuse("period", "a measured trace begins again after its end");
  const std::string where = fmt::format("{}: {}", in.where(key), path.string());
  Profile out;
  lines_of(read_text(path), [&](std::size_t line, const std::vector<std::string>& words) {
    if (words.size() != 2)
      throw InputError(
          fmt::format("{}: line {}: expected two numbers, seconds and megabits per second, got {} word{}{}", where,
                      line, words.size(), words.size() == 1 ? "" : "s",
                      words.size() == 1 ? "; a mahimahi trace, a time in ms a line, is given as \"mahimahi\"" : ""));
    out.points.emplace_back(number(words[0], where, line), number(words[1], where, line) * 1e6 / 8);
    if (out.points.size() > most_points)
      throw InputError(fmt::format("{}: a trace of more than {} lines", where, most_points));
  });
  if (!out.points.empty()) {
    const double first = out.points.front().first, last = out.points.back().first;
    for (auto& point : out.points) point.first -= first;
    const double steps = static_cast<double>(out.points.size()) - 1;
    out.period = last - first + (steps > 0 ? (last - first) / steps : 1);
  }
  check(out, Profiled::bandwidth, where);
  return out;
}

namespace {

// When packets may leave, in ms from the start of the trace; the dates do not descend.
std::vector<double> packets_in(const std::filesystem::path& path, const std::string& where) {
  std::vector<double> out;
  lines_of(read_text(path), [&](std::size_t line, const std::vector<std::string>& words) {
    const double date = number(words[0], where, line);
    if (words.size() != 1 || date < 0 || date > 1e12 || date != std::floor(date))
      throw InputError(
          fmt::format("{}: line {}: expected a whole number of ms, when a packet of 1500 bytes may leave, got {}{}",
                      where, line, shown_token(words[0]), words.size() == 1 ? "" : " and more"));
    if (!out.empty() && date < out.back())
      throw InputError(fmt::format("{}: line {}: expected dates that do not descend, got {} after {}", where, line,
                                   date, out.back()));
    out.push_back(date);
  });
  if (out.empty() || out.back() == 0)
    throw InputError(fmt::format("{}: expected dates in ms, the last of them above 0", where));
  return out;
}

}  // namespace

Profile read_mahimahi(Params& in, const std::string& key, const std::filesystem::path& folder) {
  const auto path = find_file(in, key, "a mahimahi trace: a time in ms a line, when 1500 bytes may leave", folder);
  if (in.has("period")) in.refuse("period", "a mahimahi trace begins again after its last line");
  const double window = quantity(in, "window", "100ms", Unit::time, "over which a mahimahi trace is averaged");
  if (window < 1e-3) in.fail("window", "a time of at least 1 ms");
  const std::string where = fmt::format("{}: {}", in.where(key), path.string());
  const auto packets = packets_in(path, where);
  Profile out;
  out.period = packets.back() * 1e-3;
  if (out.period / window > static_cast<double>(most_points))
    in.refuse("window", fmt::format("{} s have more than {} windows of {} s", out.period, most_points, window));
  // What rounding puts behind the end of a window is none of the next.
  const auto end_of = [&](double date) { return static_cast<std::size_t>(std::ceil(date / (window * 1e3) - 1e-9)); };
  const auto windows = std::max<std::size_t>(end_of(packets.back()), 1);
  std::vector<double> count(windows);
  // A packet belongs to the window that ends with it, one at date 0 to the last, since the trace ends where it begins.
  for (const double date : packets)
    ++count[date == 0 ? windows - 1 : std::clamp<std::size_t>(end_of(date), 1, windows) - 1];
  constexpr double packet = 1500;
  for (std::size_t i = 0; i < windows; ++i) {
    const double start = static_cast<double>(i) * window;
    const double end = i + 1 < windows ? start + window : out.period;
    const double rate = count[i] * packet / (end - start);
    if (out.points.empty() || out.points.back().second != rate) out.points.emplace_back(start, rate);
  }
  check(out, Profiled::bandwidth, where);
  return out;
}

}  // namespace laconic::network
