#include "weights/verification/dump_tensor.h"

#include <cmath>

namespace backlight {

double relative_distance(const std::vector<double>& ours, const DumpTensor& dump) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < dump.value.size(); ++i) {
    const double b = dump.value[i], a = ours[dump.whole() ? i : static_cast<std::size_t>(dump.index[i])];
    difference += (a - b) * (a - b);
    norm += b * b;
  }
  if (std::isnan(difference)) return INFINITY;
  return difference == 0 ? 0 : std::sqrt(difference / norm);
}

}  // namespace backlight
