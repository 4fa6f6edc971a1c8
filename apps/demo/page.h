#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/demo/evidence.h"

namespace backlight::demo {

/// Where the run's files are, for the commands on the page.
struct Place {
  std::filesystem::path folder;
  std::string weights;  // as given; empty: the shipped network
  std::uint64_t seed;
};

/// One HTML page that needs nothing else: pictures and style are in it, and it runs no script.
std::string page(const Model& model, const std::vector<Exhibit>& exhibits, const Evidence& evidence,
                 const Place& place);

/// What speaks for and against the maps: how they compare with the gradient, what they know of the network,
/// one walk back layer by layer, and the arithmetic of the steps that fool.
std::string evidence_sections(const std::vector<Exhibit>& exhibits, const Evidence& evidence);

/// The style sheet: light or dark as the reader's system is, from phones up.
extern const std::string_view style;

/// The rows of a table that shows the three rules at work on six numbers, computed by the engine.
std::string relu_rows();

}  // namespace backlight::demo
