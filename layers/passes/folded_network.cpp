#include "layers/passes/folded_network.h"

namespace backlight {

void take_over(const Parameter& parameter, const std::shared_ptr<const Parameters>& from, Parameters& to,
               const std::function<void(const Tensor&)>& change) {
  if (parameter.role == ParameterSpec::Role::constant) return;
  to.add(parameter.name, parameter.shape, [from, name = parameter.name, change](const Tensor& into) {
    from->read(name, into);
    if (change) change(into);
  });
}

}  // namespace backlight
