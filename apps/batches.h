#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// What a network sees of some photographs: grey levels 0 … 255, N,3,size,size.
struct Inputs {
  std::vector<Framing> framings;  // how they were resized and cropped
  std::vector<Image> prepared;    // resized and cropped
  std::vector<float> elements;    // the same as floats

  std::span<const float> of(std::size_t index) const {
    const std::size_t count = elements.size() / prepared.size();
    return std::span(elements).subspan(index * count, count);
  }
};

/// Loads and prepares photographs. Throws Error that names the first that cannot be read.
Inputs load_inputs(const Model& model, const std::vector<std::string>& paths);

/// Some images that went through the network together.
struct Batch {
  int first = 0, count = 0;  // which of the inputs
  int size = 0;              // of the session's batch: images after `count` are padding
  int classes = 0;
  std::vector<float> logits;  // size × classes

  std::span<const float> logits_of(int i) const {
    return std::span(logits).subspan(static_cast<std::size_t>(i) * classes,
                                     static_cast<std::size_t>(classes));
  }
};

/// Runs the inputs forward, up to 16 at a time, and calls visit(session, batch) after each; with a rule, the
/// session can send a gradient back. An image's numbers do not depend on which others are in its batch.
void for_each_batch(const Model& model, const Inputs& inputs, std::optional<ReluRule> rule,
                    const std::function<void(Session&, const Batch&)>& visit);

/// In for_each_batch: the gradient of the sum of the images' logits, each image's at its own class, at the
/// pixels (size × 3 × input_size × input_size, per grey level).
std::vector<float> image_gradient(Session& session, const Batch& batch, const std::vector<int>& classes);

}  // namespace backlight
