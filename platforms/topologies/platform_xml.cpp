#include "platforms/topologies/platform_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/text.hpp"
#include "platforms/input_text.hpp"
#include "platforms/quantity.hpp"

namespace laconic::platforms {
namespace {

using Fits = std::function<bool(const std::string&)>;

struct Kind {
  const char* expected;
  Fits fits;
};

std::string trimmed(const std::string& text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(" \t\r\n") + 1 - start);
}

// Whether each part between separators fits; there is at least one.
bool each_part(const std::string& text, const char* separators, const Fits& fits) {
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find_first_of(separators, start), text.size());
    if (!fits(trimmed(text.substr(start, end - start)))) return false;
    start = end + 1;
  }
  return true;
}

std::optional<double> plain_number(const std::string& text) {
  double x = 0;
  const char* at = text.data();
  if (read_number(at, text.data() + text.size(), x) != NumberFault::none || at != text.data() + text.size()) return {};
  return x;
}

bool is_quantity(const std::string& text, Unit unit) {
  auto x = parse_quantity(text, unit);
  if (!x) x = plain_number(text);
  return x && std::isfinite(*x) && (unit == Unit::time ? *x >= 0 : *x > 0);
}

// SimGrid keeps these in an int.
std::optional<int> whole(const std::string& text, int least) {
  constexpr int digits = 7;
  if (text.empty() || text.size() > digits || text.find_first_not_of("0123456789") != std::string::npos) return {};
  const int n = std::stoi(text);
  return n >= least ? std::optional(n) : std::nullopt;
}

bool is_radical(const std::string& text) {
  double hosts = 0;
  const bool fits = each_part(text, ",", [&](const std::string& part) {
    const auto dash = part.find('-');
    const auto first = whole(trimmed(part.substr(0, dash)), 0);
    const auto last = dash == std::string::npos ? first : whole(trimmed(part.substr(dash + 1)), 0);
    if (!first || !last || *last < *first) return false;
    hosts += *last - *first + 1.0;
    return true;
  });
  constexpr double most = 1e6;
  return fits && hosts <= most;
}

Kind quantities_of(Unit unit, const char* expected) {
  return {expected, [unit](const std::string& text) {
            return each_part(text, ",", [&](const std::string& part) { return is_quantity(part, unit); });
          }};
}

// The attributes of SimGrid's elements that are numbers, by "element attribute".
const std::map<std::string, Kind>& numbers() {
  static const Kind speed = quantities_of(Unit::speed, "a positive speed such as \"1Gf\", or several between commas"),
                    rate = quantities_of(Unit::bandwidth,
                                         "a positive bandwidth such as \"1GBps\", or several between commas"),
                    time{"a time that is not negative, such as \"1ms\"",
                         [](const std::string&text) { return is_quantity(trimmed(text), Unit::time); }},
                    cores{"a whole number from 1 to 9999999",
                          [](const std::string&text) { return whole(trimmed(text), 1).has_value(); }},
                    state{"a whole number from 0 to 9999999",
                          [](const std::string&text) { return whole(trimmed(text), 0).has_value(); }},
                    radical{"whole numbers and ranges such as \"0-9,12\", from 0 to 9999999 and a million in all",
                            is_radical},
                    shape{"whole numbers between commas and semicolons",
                          [](const std::string&text) {
                            return each_part(text, ",;",
                                             [](const std::string& part) { return whole(part, 1).has_value(); });
                          }},
                    place{"three numbers, the last of them not negative",
                          [](const std::string&text) {
                            std::istringstream words(text);
                            std::vector<double> at;
                            for (std::string word; words >> word;) at.push_back(plain_number(word).value_or(NAN));
                            return at.size() == 3 && std::isfinite(at[0] + at[1] + at[2]) && at[2] >= 0;
                          }},
                    version{"a number, at least 4",
                            [](const std::string&text) { return plain_number(trimmed(text)).value_or(0) >= 4; }};
  static const std::map<std::string, Kind> table{
      {"platform version", version},
      {"host speed", speed},
      {"host core", cores},
      {"host pstate", state},
      {"host coordinates", place},
      {"router coordinates", place},
      {"link bandwidth", rate},
      {"link latency", time},
      {"backbone bandwidth", rate},
      {"backbone latency", time},
      {"disk read_bw", rate},
      {"disk write_bw", rate},
      {"cluster speed", speed},
      {"cluster core", cores},
      {"cluster bw", rate},
      {"cluster lat", time},
      {"cluster bb_bw", rate},
      {"cluster bb_lat", time},
      {"cluster loopback_bw", rate},
      {"cluster loopback_lat", time},
      {"cluster limiter_link", rate},
      {"cluster radical", radical},
      {"cluster topo_parameters", shape},
      {"cabinet speed", speed},
      {"cabinet bw", rate},
      {"cabinet lat", time},
      {"cabinet radical", radical},
      {"peer speed", speed},
      {"peer bw_in", rate},
      {"peer bw_out", rate},
      {"peer lat", time},
      {"peer coordinates", place},
  };
  return table;
}

class Reader {
 public:
  Reader(const std::string& where, const std::filesystem::path& path, const NetworkModel* network)
      : where_(where), path_(path), network_(network) {}

  PlatformXml read() {
    source_ = read_text(path_);
    // A file that is compressed, or begins with a byte order mark or a blank line, is not for SimGrid's eyes.
    changed_ = std::filesystem::file_size(path_) != source_.size() || !source_.starts_with('<');
    const auto parsed = document_.load_buffer(source_.data(), source_.size(), pugi::parse_full | pugi::parse_ws_pcdata,
                                              pugi::encoding_utf8);
    if (!parsed)
      refuse(
          fmt::format(", line {}: no XML: {}", line_at(static_cast<std::size_t>(parsed.offset)), parsed.description()));
    const pugi::xml_node root = document_.document_element();
    if (std::string_view(root.name()) != "platform")
      refuse(fmt::format(": expected the element <platform>, got <{}>", root.name()));
    visit(root);
    connect_traces();
    for (const auto& node : taken_) node.parent().remove_child(node);
    give_doctype(root);
    if (changed_) out_.text = written();
    return std::move(out_);
  }

 private:
  using Of = ProfileFile::Of;

  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(fmt::format("{}: {}{}", where_, path_.string(), what));
  }

  std::size_t line_at(std::size_t offset) const {
    const auto end = source_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, source_.size()));
    return static_cast<std::size_t>(std::count(source_.begin(), end, '\n')) + 1;
  }

  std::size_t line_of(const pugi::xml_node& node) const {
    return line_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)));
  }

  void visit(const pugi::xml_node& node, int depth = 1) {
    constexpr int most = 100;
    if (depth > most) refuse(fmt::format(", line {}: nested more than {} levels deep", line_of(node), most));
    const std::string_view name = node.name();
    check_numbers(node);
    if (name == "actor" || name == "process") refuse(" starts actors: expected a platform, not a deployment");
    if (name == "config") take_config(node);
    if (name == "trace") traces_[node.attribute("id").value()] = node;
    if (name == "trace_connect") connections_.push_back(node);
    if (name == "host" || name == "link" || name == "peer") take_profiles(node);
    for (const auto& child : node.children())
      if (child.type() == pugi::node_element) visit(child, depth + 1);
  }

  void check_numbers(const pugi::xml_node& node) const {
    for (const auto& attribute : node.attributes()) {
      const auto kind = numbers().find(fmt::format("{} {}", node.name(), attribute.name()));
      const std::string text = attribute.value();
      if (kind == numbers().end() || kind->second.fits(text)) continue;
      // SimGrid takes these as if they were not there.
      const std::string_view name = attribute.name();
      if (text.empty() && (name.starts_with("bb_") || name.starts_with("loopback_") || name == "limiter_link" ||
                           name == "coordinates" || name == "topo_parameters"))
        continue;
      const char* id = node.attribute("id").value();
      refuse(fmt::format(", line {}: {} of <{}>{}{}: expected {}, got {}", line_of(node), name, node.name(),
                         *id ? " " : "", id, kind->second.expected, shown_token(text)));
    }
  }

  // SimGrid would turn off actors and all, lose messages without a word, and hold a message back to the bandwidth that
  // it started with. So these profiles are taken out of the file, and treated as those of "conditions" are.
  void take_profiles(pugi::xml_node node) {
    const bool link = std::string_view(node.name()) == "link";
    const char *kind = link ? "link" : "host", *name = node.attribute("id").value();
    for (const char* key : {"speed_file", "availability_file"}) out_.speed |= *node.attribute(key).value() != 0;
    for (const auto& [of, key] :
         {std::pair{Of::state, "state_file"}, {Of::bandwidth, "bandwidth_file"}, {Of::latency, "latency_file"}}) {
      const std::string file = node.attribute(key).value();
      if (!node.remove_attribute(key)) continue;
      changed_ = true;
      if (!file.empty()) add(of, link, name, file, fmt::format("the {} of {} {}", key, kind, name));
    }
  }

  void add(Of of, bool link, const char* name, const std::string& file, const std::string& what) {
    refuse_under_tcp(of, what);
    const std::string where = fmt::format("{}: {}: {}", where_, path_.string(), what);
    auto profile = path_.parent_path() / file;
    if (std::error_code ignored; !std::filesystem::is_regular_file(profile, ignored))
      throw InputError(fmt::format("{} is not there: {}", where, profile.string()));
    out_.profiles.push_back({of, link, name, std::move(profile), where, {}});
  }

  void refuse_under_tcp(Of of, const std::string& what) const {
    if (network_ && !network_->alpha_beta && of != Of::state)
      refuse(fmt::format(
          " changes links with time ({}): SimGrid loses messages on their way then, but for the network \"alpha-beta\"",
          what));
  }

  // Speeds are left to SimGrid, the rest is taken out as that of attributes is.
  void connect_traces() {
    static const std::map<std::string, std::pair<Of, bool>> kinds{{"HOST_AVAIL", {Of::state, false}},
                                                                  {"LINK_AVAIL", {Of::state, true}},
                                                                  {"BANDWIDTH", {Of::bandwidth, true}},
                                                                  {"LATENCY", {Of::latency, true}}};
    for (const auto& node : connections_) {
      const std::string kind = *node.attribute("kind").value() ? node.attribute("kind").value() : "HOST_AVAIL";
      const char *element = node.attribute("element").value(), *id = node.attribute("trace").value();
      const auto trace = traces_.find(id);
      const std::string what = fmt::format("the trace {} of {}, line {}", id, element, line_of(node));
      if (trace == traces_.end()) refuse(fmt::format(": {}: expected the id of a <trace>", what));
      if (kind == "SPEED") {
        out_.speed = true;
        continue;
      }
      const auto found = kinds.find(kind);
      if (found == kinds.end())
        refuse(fmt::format(": {}: expected the kind HOST_AVAIL, LINK_AVAIL, BANDWIDTH, LATENCY or SPEED, got {}", what,
                           shown_token(kind)));
      const auto& [of, link] = found->second;
      taken_.push_back(node);
      changed_ = true;
      if (const std::string file = trace->second.attribute("file").value(); !file.empty()) {
        add(of, link, element, file, what);
        continue;
      }
      refuse_under_tcp(of, what);
      std::string text = trace->second.text().get();
      // A periodicity is the time from one beginning to the next.
      const std::string again = trimmed(trace->second.attribute("periodicity").value());
      if (const auto after = plain_number(again); !again.empty() && (!after || !(*after == -1 || *after >= 0)))
        refuse(fmt::format(": {}: periodicity: expected a time in seconds, or -1 for none, got {}", what,
                           shown_token(again)));
      else if (after && *after > 0)
        text += "\nPERIODICITY " + again + "\n";
      out_.profiles.push_back(
          {of, link, element, {}, fmt::format("{}: {}: {}", where_, path_.string(), what), std::move(text)});
    }
  }

  // What a scenario's network sets, or SimGrid's default under it.
  std::string ours(const std::string& id) const {
    for (const std::string_view setting : network_->settings)
      if (setting.starts_with(id + ":")) return std::string(setting.substr(id.size() + 1));
    static const std::map<std::string, std::pair<const char*, const char*>> others{
        {"network/crosstraffic", {"0", "1"}},       {"network/TCP-gamma", {"1e20", "4194304"}},
        {"network/latency-factor", {"1", "13.01"}}, {"network/bandwidth-factor", {"1", "0.97"}},
        {"network/weight-S", {"0", "20537"}},       {"cpu/model", {"Cas01", "Cas01"}},
        {"host/model", {"default", "default"}},
    };
    const auto at = others.find(id);
    return at == others.end() ? "" : network_->alpha_beta ? at->second.first : at->second.second;
  }

  static bool same(const std::string& a, const std::string& b) {
    const auto value = [](const std::string& text) {
      for (const char* word : {"yes", "on", "true"})
        if (text == word) return std::optional<double>(1);
      for (const char* word : {"no", "off", "false"})
        if (text == word) return std::optional<double>(0);
      return plain_number(text);
    };
    return a == b || (value(a) && value(b) && *value(a) == *value(b));
  }

  // Settings that say how SimGrid goes about it, and not how long anything takes, need not be heeded.
  static bool is_of_no_account(const std::string& id) {
    for (const char* prefix : {"contexts/", "smpi/", "tracing", "viva/", "model-check/", "msg/", "debug/", "exception/",
                               "surf/precision", "precision/", "maxmin/precision", "network/loopback-", "path"})
      if (id.starts_with(prefix)) return true;
    return id.ends_with("/optim") || id.ends_with("/maxmin-selective-update");
  }

  void take_config(const pugi::xml_node& node) {
    taken_.push_back(node);
    changed_ = true;
    for (const auto& prop : node.children("prop")) {
      const std::string id = prop.attribute("id").value(), value = trimmed(prop.attribute("value").value());
      if (!network_ || is_of_no_account(id)) continue;
      const std::string of_scenario = ours(id);
      if (of_scenario.empty())
        refuse(fmt::format(", line {}: <config> sets {} to {}, which Laconic does not know: expected none such",
                           line_of(prop), shown_token(id), shown_token(value)));
      if (!same(value, of_scenario))
        refuse(fmt::format(", line {}: <config> sets {} to {}, and the scenario's network \"{}\" says {}",
                           line_of(prop), id, shown_token(value), network_->name, of_scenario));
    }
  }

  void give_doctype(const pugi::xml_node& root) {
    for (const auto& child : document_.children())
      if (child.type() == pugi::node_doctype) return;
    document_.insert_child_before(pugi::node_doctype, root)
        .set_value("platform SYSTEM \"https://simgrid.org/simgrid.dtd\"");
    changed_ = true;
  }

  std::string written() const {
    std::ostringstream out;
    document_.save(out, "", pugi::format_raw, pugi::encoding_utf8);
    return out.str();
  }

  const std::string& where_;
  const std::filesystem::path& path_;
  const NetworkModel* network_;
  std::string source_;
  pugi::xml_document document_;
  bool changed_ = false;  // whether SimGrid must not read the file as it is
  std::map<std::string, pugi::xml_node> traces_;
  std::vector<pugi::xml_node> connections_, taken_;
  PlatformXml out_;
};

}  // namespace

PlatformXml read_platform_xml(const std::string& where, const std::filesystem::path& path,
                              const NetworkModel* network) {
  return Reader(where, path, network).read();
}

}  // namespace laconic::platforms
