#include "apps/range.h"

#include <iomanip>
#include <sstream>

namespace backlight {

std::string range_text(double low, double high) {
  std::ostringstream stream;
  stream << std::setprecision(10) << low << " to " << high;
  return stream.str();
}

}  // namespace backlight
