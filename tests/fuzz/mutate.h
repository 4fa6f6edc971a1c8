#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/readers.h"

namespace backlight::fuzz {

/// Changes an input in one to eight places: bits, bytes, numbers that are extreme, pieces that go, come twice
/// or come from another seed.
void mutate(std::string& input, const std::vector<std::string>& seeds, Random& random);

}  // namespace backlight::fuzz
