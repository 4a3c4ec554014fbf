#include "platforms/topologies/file.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <regex>
#include <set>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/names.hpp"
#include "platforms/built/survey.hpp"
#include "platforms/simgrid/versions.hpp"
#include "platforms/topologies/platform_xml.hpp"

namespace laconic::platforms {
namespace {

using Names = std::vector<std::string>;

// The natural order, in which digits compare as numbers: node-2 stands before node-10.
bool naturally_before(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto number = [&](const std::string& text, std::size_t& at) {
    const auto start = std::min(text.find_first_not_of('0', at), text.size());
    at = start;
    while (at < text.size() && digit(text[at])) ++at;
    return text.substr(start, at - start);
  };
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const std::string x = number(a, i), y = number(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;  // tells apart 01 and 1
}

Names names_in(const sg::Engine& engine) {
  Names out;
  for (const auto* host : engine.get_all_hosts()) out.push_back(host->get_name());
  std::sort(out.begin(), out.end(), naturally_before);
  return out;
}

// A file that lives as long as this, for a reader that wants a name.
class Unsaved {
 public:
  explicit Unsaved(const std::string& text) : file_(memfd_create("platform.xml", MFD_CLOEXEC)) {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = file_ < 0 ? -1 : write(file_, text.data() + done, text.size() - done);
      if (n <= 0) throw RunError(fmt::format("cannot keep a platform in memory: {}", std::strerror(errno)));
      done += static_cast<std::size_t>(n);
    }
  }
  ~Unsaved() { close(file_); }
  Unsaved(const Unsaved&) = delete;
  std::string name() const { return fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_;
};

// Reads `text` instead of the file, unless it is empty.
void load(sg::Engine& engine, const std::string& where, const std::filesystem::path& path,
          const std::string& text = {}) {
  try {
    if (text.empty()) {
      engine.load_platform(path.string());
    } else {
      const Unsaved file(text);
      // SimGrid looks up the file's profiles beside it.
      sg::Engine::set_config("path:" + std::filesystem::absolute(path).parent_path().string());
      engine.load_platform(file.name());
    }
    sg::seal(engine);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    // The lines that SimGrid counts are those of the file only if it read the file itself.
    std::string what = std::regex_replace(e.what(), std::regex("Parse error at /proc/self/fd/[0-9]+:[0-9]+: "), "");
    std::replace(what.begin(), what.end(), '\n', ' ');
    constexpr std::size_t enough = 300;
    throw InputError(fmt::format("{}: SimGrid cannot read {}: {}", where, path.string(), what.substr(0, enough)));
  }
}

// Wi-Fi stations that the file leaves unattached use the first of the air's rates.
void attach_to_air(const sg::Host* station, const sg::Host* other) {
  std::vector<sg::Link*> links;
  double latency = 0;
  station->route_to(other, links, &latency);
  for (const auto* link : links)
    if (sg::is_air(*link) && link == links.front()) link->set_host_wifi_rate(station, 0);
}

class Choice {
 public:
  Choice(Params& in, int M)
      : M_(static_cast<std::size_t>(M)), where_server_(in.where("server")), where_workers_(in.where("workers")) {
    if (in.look("server", "the first host", "the name of a host", "where the server stands"))
      server_ = in.text("server", {}, "the name of a host", "");
    const char* words = "a list of names of hosts, or a pattern such as \"node-*\"";
    const auto* workers = in.look("workers", "*", words, "where the workers stand");
    if (workers && workers->is_array()) {
      for (const auto& entry : *workers) {
        if (!entry.is_string()) in.fail("workers", words);
        list_.push_back(entry.get<std::string>());
      }
      if (list_.size() != M_)
        in.refuse("workers",
                  fmt::format("expected one host for each of the {} workers, got {} of them", M, list_.size()));
      if (std::set<std::string>(list_.begin(), list_.end()).size() != M_)
        in.refuse("workers", "names a host twice: expected one for each worker");
    } else if (workers) {
      pattern_ = in.text("workers", {}, words, "");
    }
  }

  // The server is the first of these; `hosts` are in natural order.
  Names choose(const Names& hosts) const {
    Names out{server_.empty() ? hosts.front() : server_};
    known(where_server_, out[0], hosts);
    if (!list_.empty()) {
      for (std::size_t i = 0; i < list_.size(); ++i) {
        const auto where = fmt::format("{}/{}", where_workers_, i);
        known(where, list_[i], hosts);
        if (list_[i] == out[0]) throw InputError(fmt::format("{}: {} is the server's host", where, out[0]));
        out.push_back(list_[i]);
      }
      return out;
    }
    std::size_t matches = 0;
    for (const auto& host : hosts) {
      if (host == out[0] || fnmatch(pattern_.c_str(), host.c_str(), 0) != 0) continue;
      if (++matches <= M_) out.push_back(host);
    }
    if (matches < M_)
      throw InputError(
          fmt::format("{}: {} names {} of the {} hosts, the server's {} apart: the scenario has {} worker{}",
                      where_workers_, '"' + pattern_ + '"', matches == 0 ? "none" : std::to_string(matches),
                      hosts.size(), out[0], M_, M_ == 1 ? "" : "s"));
    return out;
  }

 private:
  static void known(const std::string& where, const std::string& name, const Names& hosts) {
    if (std::find(hosts.begin(), hosts.end(), name) != hosts.end()) return;
    constexpr std::size_t few = 12;
    const std::string expected = hosts.size() <= few ? quoted_choices(hosts)
                                                     : fmt::format("one of the {} hosts, \"{}\" to \"{}\"",
                                                                   hosts.size(), hosts.front(), hosts.back());
    throw InputError(fmt::format("{}: expected {}, got \"{}\"{}", where, expected, name, did_you_mean(name, hosts)));
  }

  std::size_t M_;
  std::string where_server_, where_workers_, server_, pattern_ = "*";
  Names list_;
};

}  // namespace

BuildPlatform xml_file(Params& in, const PlatformContext& context) {
  const Choice choice(in, context.M);
  const auto path = find_file(in, "file", "a SimGrid platform in XML", context.folder);
  const std::string where = in.where("file");
  if (path.extension() == ".json")
    in.refuse("file", fmt::format("expected SimGrid's XML, got {}: for a platform block in JSON leave \"type\" out",
                                  path.string()));
  const PlatformXml xml = read_platform_xml(where, path, context.network);
  if (context.profiles) *context.profiles = xml.profiles;

  return [=](sg::Engine& engine) {
    load(engine, where, path, xml.text);
    const Names hosts = names_in(engine);
    if (hosts.empty()) throw InputError(fmt::format("{}: {} has no hosts", where, path.string()));
    const Names chosen = choice.choose(hosts);
    Deployment out;
    out.server = engine.host_by_name(chosen[0]);
    for (std::size_t m = 1; m < chosen.size(); ++m) {
      out.workers.push_back(engine.host_by_name(chosen[m]));
      attach_to_air(out.workers.back(), out.server);
    }
    attach_to_air(out.server, out.workers.front());
    out.varying_speeds = out.varies = xml.speed;
    return out;
  };
}

std::vector<std::string> hosts_in(const std::filesystem::path& xml, const NetworkModel& network) {
  const std::string names = in_child_process(xml.string(), [&] {
    const PlatformXml platform = read_platform_xml(xml.string(), xml, nullptr);
    const sg::QuietEngine engine(network.settings);
    load(*engine, xml.string(), xml, platform.text);
    std::string out;
    for (const auto& name : names_in(*engine)) out += name + '\n';
    return out;
  });
  Names out;
  for (std::size_t start = 0; start < names.size();) {
    const auto end = names.find('\n', start);
    out.push_back(names.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

}  // namespace laconic::platforms
