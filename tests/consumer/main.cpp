#include <engine/session.h>
#include <weights/weight_file.h>

#include <cmath>
#include <cstdio>
#include <exception>

using namespace backlight;

int main(int count, char** arguments) try {
  const WeightFile weights = count > 1 ? WeightFile(arguments[1]) : WeightFile::shipped();
  const Graph net = weights.network();
  const ValueId image = net.at("image"), logits = net.output();
  Session session(net, std::make_shared<Parameters>(weights.read(net)),
                  differentiate(net, logits, {image}, ReluRule::guided));

  std::vector<float> grey(net.value(image).shape.elements(), 128), seed(weights.info().classes.size());
  seed[3] = 1;  // the class to explain
  session.set<float>("image", grey);
  session.forward();
  session.backward<float>(seed);
  double squares = 0;
  for (const float g : session.gradient<float>("image")) squares += g * g;
  std::printf("%s: the gradient's norm is %.6g\n", weights.info().classes[3].c_str(), std::sqrt(squares));
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
