#include <engine/session.h>
#include <layers/network.h>
#include <weights/weight_file.h>

#include <cmath>
#include <cstdio>

using namespace backlight;

int main(int, char** arguments) {
  const WeightFile weights(arguments[1]);
  const ModelInfo& info = weights.info();
  const Graph net = build_network(info.architecture, {.input_size = info.input_size,
                                                      .classes = std::ssize(info.classes),
                                                      .normalization = Normalization{info.mean, info.std}});
  const ValueId image = net.at("image"), logits = net.output();
  Session session(net, std::make_shared<Parameters>(weights.read(net)),
                  differentiate(net, logits, {image}, ReluRule::guided));

  std::vector<float> grey(net.value(image).shape.elements(), 128), seed(info.classes.size());
  seed[3] = 1;  // the class to explain
  session.set<float>("image", grey);
  session.forward();
  session.backward<float>(seed);
  double squares = 0;
  for (const float g : session.gradient<float>("image")) squares += g * g;
  std::printf("%s: the gradient's norm is %.6g\n", info.classes[3].c_str(), std::sqrt(squares));
}
