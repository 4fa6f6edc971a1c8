#pragma once

#include <span>
#include <string>

#include "apps/model.h"

namespace backlight {

/// What a page is about.
struct MicroscopeSubject {
  const WeightFile& weights;
  const Model& model;            // of these weights
  RunOptions run;                // how it runs
  std::string picture;           // its name, for people
  std::span<const float> image;  // 3,size,size, whole grey levels
  int target = -1;               // a class; below 0: the picture's own best
};

struct MicroscopePage {
  std::string html;
  bool is_computed = false;  // the page holds the network and computes, or holds the engine's numbers
  int target = 0;
};

/// One HTML page that needs nothing else, with a picture's walk through a network and back. A network of up
/// to a million parameters and 0.3 GFLOP is in the page itself, and all is computed there. Of a larger one
/// the page holds what was computed here: of each node a plane, some channels, and the place where its
/// gradient is strongest spelled out. Throws Error where the network has nodes that the page does not know,
/// or where the class's gradient is 0 at every pixel.
MicroscopePage microscope_page(const MicroscopeSubject& subject);

}  // namespace backlight
