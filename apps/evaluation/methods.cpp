#include "apps/evaluation/methods.h"

#include <algorithm>
#include <cmath>

#include "apps/attribution.h"
#include "apps/evaluation/baselines.h"
#include "apps/evaluation/smoothgrad.h"
#include "apps/runner.h"
#include "engine/error.h"

namespace backlight {
namespace {

using Maps = std::vector<std::vector<float>>;

/// map(image, its gradient) for each picture.
template <class Map>
Maps from_gradients(const MapRequest& request, ReluRule rule, Map map) {
  const std::size_t size = request.model.image_elements();
  const std::vector<float> gradients = Runner(request.model, request.targets.size(), rule)
                                           .run(request.images, one_hot(request.targets))
                                           .gradients;
  Maps maps;
  for (std::size_t at = 0; at < gradients.size(); at += size)
    maps.push_back(map(request.images.subspan(at, size), std::span(gradients).subspan(at, size)));
  return maps;
}

template <ReluRule rule>
Maps simonyan(const MapRequest& request) {
  return from_gradients(request, rule,
                        [](auto, std::span<const float> gradient) { return saliency_map(gradient); });
}

/// |Σ_c g_c·(x_c − m_c)|, with m the mean that the network's normalisation subtracts.
Maps gradient_x_input(const MapRequest& request) {
  const std::array<double, 3>& mean = request.model.info().mean;
  return from_gradients(
      request, ReluRule::gradient, [&](std::span<const float> image, std::span<const float> gradient) {
        std::vector<float> map(image.size() / 3);
        for (std::size_t i = 0; i < image.size(); ++i)
          map[i % map.size()] += gradient[i] * (image[i] - static_cast<float>(255 * mean[i / map.size()]));
        for (float& value : map) value = std::abs(value);
        return map;
      });
}

template <auto baseline>
Maps of_each_picture(const MapRequest& request) {
  const std::size_t size = request.model.image_elements();
  Maps maps;
  for (std::size_t at = 0; at < request.images.size(); at += size)
    maps.push_back(baseline(request.images.subspan(at, size), request.model.input_size()));
  return maps;
}

constexpr Method every_method[] = {
    {"gradient", "the largest absolute gradient of the logit over a pixel's channels (Simonyan et al. 2013)",
     false, simonyan<ReluRule::gradient>},
    {"guided",
     "the same by guided backpropagation: ReLUs pass what is positive both ways (Springenberg et al. 2014)",
     false, simonyan<ReluRule::guided>},
    {"deconvnet",
     "the same by the deconvolutional network: ReLUs pass positive gradients (Zeiler & Fergus 2013)", false,
     simonyan<ReluRule::deconvnet>},
    {"gradient-x-input",
     "gradient times distance from the mean colour, summed over channels, absolute (Shrikumar et al. 2016)",
     false, gradient_x_input},
    {"smoothgrad", "the gradient averaged over 16 noisy copies of the picture (Smilkov et al. 2017)", false,
     smoothgrad},
    {"centre", "a Gaussian blob in the middle of every picture: knows neither network nor picture", true,
     of_each_picture<centre>},
    {"edges", "the Sobel edges of the grey picture: does not know the network", true, of_each_picture<edges>},
};

}  // namespace

std::span<const Method> methods() { return every_method; }

std::vector<Method> methods_with_baselines(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::ranges::find(every_method, name, &Method::name) == std::end(every_method)) {
      std::string text = "method '" + name + "' is unknown; there are";
      for (const Method& method : every_method) text += " " + std::string(method.name);
      throw UsageError(text);
    }
  std::vector<Method> chosen;
  std::ranges::copy_if(every_method, std::back_inserter(chosen), [&](const Method& method) {
    return method.baseline || names.empty() || std::ranges::find(names, method.name) != names.end();
  });
  return chosen;
}

}  // namespace backlight
