#pragma once

#include "apps/evaluation/evaluation.h"
#include "apps/evaluation/randomisation.h"
#include "apps/image/image.h"

// An evaluation in pictures.

namespace backlight {

/// The four best and the four worst cases of a method: the picture, its map, the map over it, and how it was
/// scored. The order is that of the energy e on the animal beyond what an even map has there, which is the
/// animal's share a of the picture: (e − a) / (1 − a).
Image best_and_worst(const Model& model, const Samples& samples, const MethodScores& method,
                     const std::vector<double>& animal_shares, std::uint64_t seed);

/// The mean deletion or insertion curve of every method.
Image deletion_chart(const Evaluation& evaluation);
Image insertion_chart(const Evaluation& evaluation);

/// How like the maps stay to the original's as more layers are randomised.
Image randomisation_chart(const RandomisationCheck& check);

}  // namespace backlight
