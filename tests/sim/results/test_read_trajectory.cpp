#include "sim/results/read_trajectory.hpp"

#include "algorithms/base/error.hpp"
#include "tests/sim/program.hpp"

using namespace laconic::tests;

namespace {

Results read(const std::string& rows) {
  const Folder here;
  std::ofstream(here.path / "t.csv") << "scenario,algorithm,seed,round,loss\n" << rows;
  return read_results(here.path / "t.csv");
}

}  // namespace

TEST_CASE("a trajectory's seeds are whole numbers, to the last digit") {
  const Results read_back =
      read("s,gd,9007199254740992,0,1\ns,gd,9007199254740993,0,1\ns,gd,18446744073709551615,0,1\n");
  REQUIRE(read_back.curves.size() == 3);
  CHECK(read_back.curves[1].seed == 9007199254740993u);
  CHECK(read_back.curves[2].seed == 18446744073709551615u);
  for (const char* seed : {"", "nan", "-1", "1.5", "1e300", "18446744073709551616"})
    CHECK_THROWS_AS(read(std::string("s,gd,") + seed + ",0,1\n"), InputError);
}
