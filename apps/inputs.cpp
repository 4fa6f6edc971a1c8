#include "apps/inputs.h"

namespace backlight {

Inputs load_inputs(const Model& model, const std::vector<std::string>& paths) {
  Inputs inputs;
  for (const std::string& path : paths) {
    const Image photo = load_image(path);
    inputs.framings.push_back(model.framing(photo));
    inputs.prepared.push_back(prepare(photo, inputs.framings.back()));
    const std::vector<float> chw = to_chw(inputs.prepared.back());
    inputs.elements.insert(inputs.elements.end(), chw.begin(), chw.end());
  }
  return inputs;
}

}  // namespace backlight
