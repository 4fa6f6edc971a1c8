#include "weights/verification/dump_tensor.h"

#include "engine/distance.h"

namespace backlight {

double relative_distance(const std::vector<double>& ours, const DumpTensor& dump) {
  if (dump.whole()) return relative_distance(ours, dump.value);
  std::vector<double> some;
  for (const std::int64_t i : dump.index) some.push_back(ours[static_cast<std::size_t>(i)]);
  return relative_distance(some, dump.value);
}

}  // namespace backlight
