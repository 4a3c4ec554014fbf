#include "platforms/platform.hpp"
#include "platforms/star.hpp"

namespace laconic {

std::span<const PlatformEntry> platforms() {
  static const PlatformEntry table[] = {
      {"star", star, "workers on links of their own around a switch, the server on its own link", star_picture},
  };
  return table;
}

std::span<const NetworkModel> network_models() {
  // TCP-gamma 0 would also switch off rate limits; 1e20 merely takes the window out of sight.
  static constexpr const char* alpha_beta[] = {"network/model:CM02", "network/crosstraffic:0",
                                               "network/TCP-gamma:1e20"};
  static constexpr const char* tcp[] = {"network/model:LV08"};
  static const NetworkModel table[] = {
      {"alpha-beta", alpha_beta, "an idle path takes exactly latency + bytes / bandwidth (SimGrid's CM02)"},
      {"tcp", tcp,
       "SimGrid's LV08, calibrated on TCP: 13.01 latency + bytes / (0.97 bandwidth), a 4 MiB window, crosstraffic"},
  };
  return table;
}

}  // namespace laconic
