#include "platforms/network_model.hpp"

namespace laconic::platforms {

std::span<const NetworkModel> network_models() {
  // TCP-gamma 0 would also switch off rate limits; 1e20 merely takes the window out of sight.
  static constexpr const char* alpha_beta[] = {"network/model:CM02", "network/crosstraffic:0",
                                               "network/TCP-gamma:1e20"};
  static constexpr const char* tcp[] = {"network/model:LV08"};
  static const NetworkModel table[] = {
      {"alpha-beta", alpha_beta, "an idle path takes exactly latency + bytes / bandwidth (SimGrid's CM02)", true,
       false},
      {"tcp", tcp,
       "SimGrid's LV08, calibrated on TCP: 13.01 latency + bytes / (0.97 bandwidth), a 4 MiB window, crosstraffic",
       false, false},
      {"connections", alpha_beta,
       "alpha-beta with what TCP's connections add: headers a segment, slow start when cold and after idle times, a send "
       "buffer, copies that leave their sender one after another",
       true, true},
  };
  return table;
}

}  // namespace laconic::platforms
