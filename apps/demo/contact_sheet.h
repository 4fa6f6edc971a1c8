#pragma once

#include <string>
#include <vector>

#include "apps/demo/exhibit.h"

namespace backlight::demo {

/// A picture of a row, with its caption of one or two lines.
struct Cell {
  std::string caption;
  Image image;
  std::string alternative;  // for who cannot see it
};

/// What stands above the columns.
constexpr std::array<std::string_view, 7> column_names{"picture",   "saliency",    "gradient",   "guided",
                                                       "deconvnet", "adversarial", "class image"};

/// One cell for each column, the pictures as large as the network's input.
std::vector<Cell> row_of(const Model& model, const Exhibit& exhibit);

/// All rows, labelled, below the names of the columns.
Image contact_sheet(const Model& model, const std::vector<Exhibit>& exhibits);

/// "99.9 %".
std::string percent(double share);

}  // namespace backlight::demo
