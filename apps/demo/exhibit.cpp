#include "apps/demo/exhibit.h"

#include <algorithm>
#include <numeric>

#include "apps/attribution.h"
#include "apps/demo/evidence.h"
#include "apps/drawing/map.h"
#include "apps/evaluation/energy.h"
#include "apps/fgsm/attacker.h"
#include "apps/runner.h"

namespace backlight::demo {

const AscentOptions ascent{
    .iterations = 60, .step = 0.2, .lambda = 0.0003, .jitter = 8, .total_variation = 0.002, .octaves = 4};

namespace {

/// What a pixel of the map's maximum shows.
std::string strongest(const std::vector<float>& map, const Sample& sample) {
  const auto at = static_cast<std::size_t>(std::ranges::max_element(map) - map.begin());
  for (std::size_t part = 0; part < sample.parts.size(); ++part)
    if (sample.parts[part][at] >= 0.5f) return "the " + std::string(menagerie::part_names[part]);
  return sample.animal[at] >= 0.5f ? "the animal" : "what is beside the animal";
}

void append(std::vector<float>& elements, const Image& image) {
  const std::vector<float> chw = to_chw(image);
  elements.insert(elements.end(), chw.begin(), chw.end());
}

void send_back(const Model& model, const Inputs& inputs, const std::vector<Sample>& samples,
               std::vector<Exhibit>& exhibits) {
  for (std::size_t r = 0; r < rules.size(); ++r) {
    Runner runner(model, inputs.prepared.size(), rules[r]);
    for_each_attribution(runner, inputs, -1, [&](const Attribution& a) {
      const std::vector<float> map = saliency_map(a.gradient);
      Exhibit& exhibit = exhibits[a.index];
      exhibit.answer = {a.predicted, a.probability};
      exhibit.maps[r] = {.gradient = a.gradient,
                         .on_animal = energy_share(map, samples[a.index].animal),
                         .strongest = strongest(map, samples[a.index])};
      exhibit.scale = std::max(exhibit.scale, static_cast<double>(scale_of(a.gradient)));
    });
  }
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

std::vector<Exhibit> make_exhibits(const Model& model, const Samples& world,
                                   const std::function<void()>& tick) {
  std::vector<Exhibit> exhibits;
  std::vector<int> classes;
  std::vector<Sample> samples;
  Inputs inputs;
  for (std::size_t i = 0; i < menagerie::animal_names.size(); ++i) {
    Sample sample = world.at(i);
    Exhibit& exhibit = exhibits.emplace_back();
    exhibit.animal = static_cast<menagerie::Animal>(i);
    exhibit.target = sample.target;
    exhibit.image = sample.picture;
    exhibit.area =
        std::accumulate(sample.animal.begin(), sample.animal.end(), 0.0) / double(sample.animal.size());
    append(inputs.elements, sample.picture);
    inputs.prepared.push_back(sample.picture);
    classes.push_back(sample.target);
    samples.push_back(std::move(sample));
  }
  send_back(model, inputs, samples, exhibits);
  fool(model, inputs, exhibits);
  imagine(model, classes, tick, exhibits);
  compare_with_gradient(model, exhibits);
  return exhibits;
}

}  // namespace backlight::demo
