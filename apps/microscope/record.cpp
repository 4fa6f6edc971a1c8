#include "apps/microscope/record.h"

namespace backlight {

WalkRecord record_walks(const Model& model, std::span<const float> image, int target) {
  WalkRecord record;
  for (std::size_t r = 0; r < three_rules.size(); ++r) {
    Walk walk(model, three_rules[r]);  // one at a time: each holds all of it as well
    walk.run(image, target);
    const auto count = static_cast<ValueId>(walk.graph().values().size());
    for (ValueId id = 0; id < count; ++id) record.gradients[r].push_back(walk.gradient(id));
    if (r > 0) continue;
    for (ValueId id = 0; id < count; ++id) record.values.push_back(walk.value(id));
    record.graph = walk.graph();
    record.target = target = walk.target();
    record.logits = walk.logits();
  }
  return record;
}

}  // namespace backlight
