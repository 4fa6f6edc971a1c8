#include "engine/parallel.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace backlight {
namespace {

TEST_CASE("every index is done once, on any number of threads") {
  for (const int threads : {1, 2, 5})
    for (const std::size_t count : {0, 1, 3, 1000}) {
      std::vector<int> done(count);
      for_each_in_parallel(count, threads, [&](std::size_t index) { ++done[index]; });
      CHECK(done == std::vector<int>(count, 1));
    }
}

TEST_CASE("an exception comes out, and ends the work") {
  for (const int threads : {1, 4}) {
    std::string message;
    try {
      for_each_in_parallel(100, threads, [](std::size_t index) {
        if (index == 7) throw std::runtime_error("index " + std::to_string(index));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message == "index 7");
  }
}

}  // namespace
}  // namespace backlight
