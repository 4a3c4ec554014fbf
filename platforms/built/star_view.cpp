#include "platforms/built/star_view.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_set>

namespace laconic::platforms {
namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

struct Users {
  int down = 0, up = 0;  // how many workers have the link on their way down, or up
  int last = -1;         // the last worker found to use the link
  bool many = false;     // whether more than one worker uses it
};

bool meet_on_a_host(const Survey& survey) {
  std::unordered_set<std::string_view> tenants{survey.server.name};
  return !std::ranges::all_of(survey.workers, [&](const auto& host) { return tenants.insert(host.name).second; });
}

// Finds who uses each link. Nothing if some way crosses a link twice, or one that is no wire.
std::optional<std::vector<Users>> users_of(const Survey& survey) {
  std::vector<Users> out(survey.links.size());
  for (std::size_t i = 0; i < survey.workers.size(); ++i) {
    const int m = static_cast<int>(i);
    for (const auto* way : {&survey.down[i].links, &survey.up[i].links}) {
      for (auto link = way->begin(); link != way->end(); ++link) {
        if (survey.links[*link].sharing == Survey::Link::wifi || std::find(way->begin(), link, *link) != link)
          return {};
        Users& of = out[*link];
        ++(way == &survey.down[i].links ? of.down : of.up);
        of.many |= of.last >= 0 && of.last != m;
        of.last = m;
      }
    }
  }
  return out;
}

}  // namespace

std::optional<Star> star_view(const Survey& survey) {
  if (survey.varies || meet_on_a_host(survey)) return {};
  const auto users = users_of(survey);
  if (!users) return {};
  const int M = static_cast<int>(survey.workers.size());
  Star out{survey.server.speed, {}, endless, endless};
  for (std::size_t i = 0; i < users->size(); ++i) {
    const Users& of = (*users)[i];
    const auto& link = survey.links[i];
    out.unlimited |= link.sharing == Survey::Link::unlimited;
    if (!of.many) continue;
    const bool all_down = of.down == M && of.up == 0, all_up = of.up == M && of.down == 0;
    // SimGrid gives no transfer over a link that is shared by nobody (FATPIPE) what its weight does not allow.
    if (link.sharing == Survey::Link::unlimited || !(all_down || all_up)) return {};
    (all_down ? out.down : out.up) = std::min(all_down ? out.down : out.up, link.bandwidth);
  }
  const auto own = [&](const Survey::Path& path) {
    double most = endless;
    for (const auto link : path.links)
      if (!(*users)[link].many) most = std::min(most, survey.links[link].bandwidth);
    return Star::Links{path.latency, most};
  };
  for (std::size_t m = 0; m < survey.workers.size(); ++m)
    out.workers.push_back({survey.workers[m].speed, own(survey.down[m]), own(survey.up[m])});
  return out;
}

}  // namespace laconic::platforms
