// What the tables of the SIMT device promise beyond those of the processor.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/contracts.h"
#include "kernels/simt/simt.h"

using namespace backlight;

TEST_CASE_TEMPLATE("simt tables: every contract has CUDA kernels, or else the reference loop alone", T, float,
                   double) {
  const auto check = []<class Contract>(Table<Contract> table) {
    INFO(std::string(Contract::name));
    REQUIRE(!table.empty());
    const auto is_host = [](const auto& entry) { return entry.name == "host"; };
    if (std::any_of(table.begin(), table.end(), is_host)) CHECK(table.size() == 1);
    // Where the last entry takes everything, a contract can always run on the device.
    CHECK(table.back().accepts({}));
  };
#define CHECK_CONTRACT(Contract) check(simt::table<Contract<T>>());
  BACKLIGHT_FOR_EACH_CONTRACT(CHECK_CONTRACT)
#undef CHECK_CONTRACT
}

TEST_CASE("simt tables: the reference loop of a contract without CUDA kernel is a launch like any other") {
  using Contract = SoftmaxForward<double>;
  const SoftmaxSizes sizes{2, 2};
  const std::vector<double> x = {0, 0, 5, 5}, half(4, 0.5);
  std::vector<double> p(4);
  const auto bound = simt::table<Contract>().front().bind(sizes, {});
  bound.run(x.data(), p.data(), {});
  CHECK(p == half);
  CHECK_THROWS_WITH_AS(simt::run_grid(1, 1, 0, {}, [&] { bound.run(x.data(), p.data(), {}); }),
                       "launch: a kernel cannot launch another", simt::Error);
}
