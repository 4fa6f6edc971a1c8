#include "apps/evaluation/metrics.h"

#include "apps/evaluation/box_overlap.h"
#include "apps/evaluation/energy.h"
#include "apps/evaluation/overlap.h"
#include "apps/evaluation/pointing_game.h"

namespace backlight {
namespace {

constexpr Metric every_metric[] = {
    {"pointing_animal", "on animal", "the map's maximum lies on the animal", true, true, true,
     [](const Evidence& e) { return pointing_game(e.map, e.sample.animal); }},
    {"pointing_part", "on a part",
     "the map's maximum lies on one of the six parts that tell the animals apart", true, true, true,
     [](const Evidence& e) { return pointing_game(e.map, e.sample.any_part()); }},
    {"energy", "energy", "share of the map's sum that lies on the animal", true, true, false,
     [](const Evidence& e) { return energy_share(e.map, e.sample.animal); }},
    {"iou", "best IoU", "intersection over union with the animal at the map's best threshold", true, true,
     false, [](const Evidence& e) { return best_overlap(e.map, e.sample.animal); }},
    {"deletion", "deletion", "mean probability of the class while the map's highest pixels are blurred first",
     true, false, false, [](const Evidence& e) { return area_below(e.curves.deletion); }},
    {"insertion", "insertion",
     "mean probability of the class while they come back first into the blurred picture", true, true, false,
     [](const Evidence& e) { return area_below(e.curves.insertion); }},
    {"part_importance", "parts rho",
     "rank correlation of the map's sum on each part with the logit's drop without it", false, true, false,
     [](const Evidence& e) { return part_importance(e.map, e.sample, e.drops); }},
    {"box", "box found", "the box found from the map overlaps the animal's by half (IoU >= 0.5)", true, true,
     true, [](const Evidence& e) { return box_overlap(e.map, e.sample); }},
};

}  // namespace

std::span<const Metric> metrics() { return every_metric; }

}  // namespace backlight
