#include "layers/builder.h"

#include "layers/add.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/relu.h"
#include "layers/shortcut.h"

namespace backlight {

ValueId Builder::conv(const std::string& name, ValueId x, const ConvOptions& options) {
  return graph_.add(name, std::make_shared<Conv>(options), {x});
}
ValueId Builder::batchnorm(const std::string& name, ValueId x) {
  return graph_.add(name, std::make_shared<BatchNorm>(batchnorm_), {x});
}
ValueId Builder::relu(const std::string& name, ValueId x) {
  return graph_.add(name, std::make_shared<Relu>(), {x});
}
ValueId Builder::max_pool(const std::string& name, ValueId x, const PoolOptions& options) {
  return graph_.add(name, std::make_shared<MaxPool>(options), {x});
}
ValueId Builder::average_pool(const std::string& name, ValueId x, std::int64_t height, std::int64_t width) {
  return graph_.add(name, std::make_shared<AdaptiveAveragePool>(height, width), {x});
}
ValueId Builder::add(const std::string& name, ValueId a, ValueId b) {
  return graph_.add(name, std::make_shared<AddOp>(), {a, b});
}
ValueId Builder::shortcut(const std::string& name, ValueId x, std::int64_t out_channels,
                          std::int64_t stride) {
  return graph_.add(name, std::make_shared<Shortcut>(out_channels, stride), {x});
}
ValueId Builder::flatten(const std::string& name, ValueId x) {
  return graph_.add(name, std::make_shared<Flatten>(), {x});
}
ValueId Builder::dropout(const std::string& name, ValueId x) {
  return graph_.add(name, std::make_shared<Dropout>(), {x});
}
ValueId Builder::linear(const std::string& name, ValueId x, std::int64_t out) {
  return graph_.add(name, std::make_shared<Linear>(out), {x});
}

}  // namespace backlight
