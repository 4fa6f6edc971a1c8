#include "apps/batches.h"

#include <algorithm>

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

void for_each_batch(const Model& model, const Inputs& inputs, std::optional<ReluRule> rule,
                    const std::function<void(Session&, const Batch&)>& visit) {
  constexpr int most = 16;
  const int all = static_cast<int>(inputs.prepared.size());
  Batch batch;
  batch.size = std::min(all, most);
  batch.classes = model.classes();
  const auto session = model.session(batch.size, rule);
  std::vector<float> elements(static_cast<std::size_t>(batch.size) * model.image_elements());
  for (batch.first = 0; batch.first < all; batch.first += batch.size) {
    batch.count = std::min(batch.size, all - batch.first);
    std::copy_n(inputs.elements.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(batch.first) *
                                                                      model.image_elements()),
                static_cast<std::size_t>(batch.count) * model.image_elements(), elements.begin());
    session->set("image", std::span<const float>(elements));
    session->forward();
    batch.logits = session->value<float>(session->graph().value(session->graph().output()).name);
    visit(*session, batch);
  }
}

std::vector<float> image_gradient(Session& session, const Batch& batch, const std::vector<int>& classes) {
  std::vector<float> seed(batch.logits.size(), 0.0f);
  for (int i = 0; i < batch.count; ++i)
    seed[static_cast<std::size_t>(i * batch.classes + classes[static_cast<std::size_t>(i)])] = 1;
  session.backward(std::span<const float>(seed));
  return session.gradient<float>("image");
}

}  // namespace backlight
