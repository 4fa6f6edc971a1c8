#include "apps/demo/exhibit.h"

#include <algorithm>

#include "apps/attribution.h"
#include "apps/fgsm_attacker.h"
#include "apps/runner.h"

namespace backlight::demo {

const AscentOptions ascent{.iterations = 80, .step = 0.1, .jitter = 4, .total_variation = 0.02, .octaves = 3};

namespace {

/// A mask as the network sees it: the share of each pixel, 0 … 1, that shows the animal.
std::vector<float> prepared(const Model& model, const std::vector<std::uint8_t>& mask) {
  Image grey(menagerie::side, menagerie::side);
  for (std::size_t i = 0; i < mask.size(); ++i) std::fill_n(&grey.pixels[3 * i], 3, mask[i]);
  std::vector<float> shares = to_chw(model.prepare(grey));
  shares.resize(shares.size() / 3);
  for (float& share : shares) share /= 255;
  return shares;
}

double share_on(const std::vector<float>& mask, const std::vector<float>& map) {
  double on = 0, all = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    on += static_cast<double>(mask[i]) * map[i];
    all += map[i];
  }
  return all > 0 ? on / all : 0;
}

void append(std::vector<float>& elements, const Image& image) {
  const std::vector<float> chw = to_chw(image);
  elements.insert(elements.end(), chw.begin(), chw.end());
}

void send_back(const Model& model, const Inputs& inputs, const std::vector<std::vector<float>>& masks,
               std::vector<Exhibit>& exhibits) {
  for (std::size_t r = 0; r < rules.size(); ++r)
    for_each_attribution(model, inputs, rules[r], -1, [&](const Attribution& a) {
      exhibits[a.index].answer = {a.predicted, a.probability};
      exhibits[a.index].maps[r] = {a.gradient, share_on(masks[a.index], saliency_map(a.gradient))};
    });
}

void fool(const Model& model, const Inputs& inputs, std::vector<Exhibit>& exhibits) {
  Runner backward(model, exhibits.size(), ReluRule::gradient), forward(model, exhibits.size());
  Attacker attacker(model, -1, -1, backward, forward, inputs.elements);
  const std::vector<Trial> flips = attacker.search(1);  // whole grey levels lose nothing in a file's 8 bits
  std::vector<float> read_back;
  for (const Trial& flip : flips) {
    Image image = from_chw(attacker.moved(flip), model.input_size(), model.input_size());
    append(read_back, image);
    exhibits[flip.image].fooled = {flip.epsilon, std::move(image), {}};
  }
  const std::vector<Prediction> answers = attacker.predictions(flips, read_back);
  for (std::size_t i = 0; i < flips.size(); ++i)
    exhibits[flips[i].image].fooled->answer = {answers[i].predicted, answers[i].probability};
}

void imagine(const Model& model, const std::vector<int>& classes, const std::function<void()>& tick,
             std::vector<Exhibit>& exhibits) {
  const std::vector<float> pictures = climb(model, classes, ascent, tick);
  std::vector<float> read_back;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    exhibits[i].class_image =
        from_chw(std::span(pictures).subspan(i * model.image_elements(), model.image_elements()),
                 model.input_size(), model.input_size());
    append(read_back, exhibits[i].class_image);
  }
  const std::vector<float> logits = Runner(model, classes.size()).run(read_back).logits;
  for (std::size_t i = 0; i < classes.size(); ++i)
    exhibits[i].class_probability =
        softmax(std::span(logits).subspan(i * model.classes(), model.classes()))[classes[i]];
}

}  // namespace

std::vector<Exhibit> make_exhibits(const Model& model, std::uint64_t seed,
                                   const std::function<void()>& tick) {
  std::vector<int> classes;
  for (const std::string_view name : menagerie::animal_names) classes.push_back(model.class_index(name));
  std::vector<Exhibit> exhibits;
  std::vector<std::vector<float>> masks;
  Inputs inputs;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const menagerie::Picture picture = menagerie::render(seed, i);
    inputs.prepared.push_back(model.prepare(picture.image));
    append(inputs.elements, inputs.prepared.back());
    masks.push_back(prepared(model, picture.animal_mask));
    Exhibit& exhibit = exhibits.emplace_back();
    exhibit.animal = picture.animal;
    exhibit.image = inputs.prepared.back();
    exhibit.area = share_on(masks.back(), std::vector<float>(masks.back().size(), 1.0f));
  }
  send_back(model, inputs, masks, exhibits);
  fool(model, inputs, exhibits);
  imagine(model, classes, tick, exhibits);
  return exhibits;
}

}  // namespace backlight::demo
