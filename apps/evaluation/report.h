#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/evaluation/evaluation.h"
#include "apps/evaluation/randomisation.h"

// An evaluation in words and numbers. `seed` is the one of the bootstrap.

namespace backlight {

/// A table with a row for each method and a column for each metric, "mean [low, high]", and what they mean.
std::string to_text(const Evaluation& evaluation, std::uint64_t seed);
/// A table with a row for each randomised layer and a column for each method.
std::string to_text(const RandomisationCheck& check);

nlohmann::json to_json(const Evaluation& evaluation, std::uint64_t seed);
nlohmann::json to_json(const RandomisationCheck& check);

}  // namespace backlight
