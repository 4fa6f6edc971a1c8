// What kernels do with a finished sum: every way to end a forward and to write a gradient, to the bit as the
// operations that it stands for do one after another.
#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

using Mask = std::vector<std::uint8_t>;
constexpr ReluRule rules[] = {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet};

Mask random_mask(const ReluSizes& s, unsigned seed) {
  Mask mask(size(s.mask_bytes()));
  const auto x = integers<float>(s.count(), seed);
  std::vector<float> unused(x.size());
  cpu::table<ReluForward<float>>().back().bind(s, {}).run(x.data(), unused.data(), mask.data(), {});
  return mask;
}

/// forward(run, epilogue, y) for every implementation and every ending; `sums` is the kernel's bare result.
template <class Contract, class Forward>
void check_endings(const typename Contract::Sizes& sizes, std::int64_t rows, std::int64_t channels,
                   Forward forward) {
  using T = typename Contract::Element;
  const ReluSizes relu{rows, channels};
  const auto bias = reals<T>(channels, 11), residual = reals<T>(relu.count(), 12);
  const Mask held = random_mask(relu, 13);
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    for (const bool with_bias : {false, true}) {
      std::vector<T> sums(size(relu.count()));
      forward(run, Epilogue<T>{.bias = with_bias ? bias.data() : nullptr}, sums.data());
      for (const bool adds : {false, true}) {
        std::vector<T> value = sums;
        for (std::size_t i = 0; adds && i < value.size(); ++i) value[i] = sums[i] + residual[i];
        for (const int way : {0, 1, 2, 3}) {  // plain, ReLU, ReLU with its mask, ReLU with held signs
          INFO("bias ", with_bias, ", residual ", adds, ", way ", way);
          std::vector<T> wanted = value;
          Mask mask_wanted(size(relu.mask_bytes()), 0xee), mask = mask_wanted;
          if (way == 1 || way == 2)
            reference<ReluForward<T>>(relu)(value, wanted, mask_wanted);
          else if (way == 3)
            reference<ReluReplay<T>>(relu)(value, held, wanted);
          if (way != 2) mask_wanted = mask;
          Epilogue<T> e{.bias = with_bias ? bias.data() : nullptr, .relu = way > 0};
          if (way == 2) e.mask = mask.data();
          if (way == 3) e.held = held.data();
          std::vector<T> y = residual;  // which it may write over
          if (adds) e.residual = y.data();
          forward(run, e, y.data());
          check_same(y, wanted);
          check_same(mask, mask_wanted);
          if (!adds) continue;
          e.residual = residual.data();
          y.assign(y.size(), std::numeric_limits<T>::quiet_NaN());
          forward(run, e, y.data());
          check_same(y, wanted);
        }
      }
    }
  });
}

/// The same for gradients: backward(run, gate, dx).
template <class Contract, class Backward>
void check_gates(const typename Contract::Sizes& sizes, std::int64_t rows, std::int64_t channels,
                 Backward backward) {
  using T = typename Contract::Element;
  const ReluSizes relu{rows, channels};
  const Mask mask = random_mask(relu, 14);
  const auto held = reals<T>(relu.count(), 15);
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    for (const Write write : writes) {
      std::vector<T> sums = held;
      backward(run, Gate{.write = write}, sums.data());
      for (const ReluRule rule : rules) {
        INFO("write ", static_cast<int>(write), ", rule ", static_cast<int>(rule));
        std::vector<T> wanted(sums.size()), dx = held;
        reference<ReluBackward<T>>(relu)(rule, sums, mask, wanted, Write::set);
        const auto* read = rule == ReluRule::deconvnet ? nullptr : mask.data();
        backward(run, Gate{.write = write, .gated = true, .rule = rule, .mask = read}, dx.data());
        check_same(dx, wanted);
      }
    }
  });
}

}  // namespace

TEST_CASE_TEMPLATE("epilogue: every ending of a convolution, to the bit", T, float, double) {
  for (const ConvSizes& s : conv_shapes()) {
    INFO("out ", s.out_height, "x", s.out_width, "x", s.out_channels, ", groups ", s.groups);
    const auto x = reals<T>(s.batch * s.in_height * s.in_width * s.in_channels, 1),
               w = reals<T>(s.weights(), 2);
    check_endings<ConvForward<T>>(
        s, s.batch * s.out_height * s.out_width, s.out_channels,
        [&](const auto& run, const Epilogue<T>& e, T* y) { run(x, run.weights(w), e, y); });
  }
}

TEST_CASE_TEMPLATE("epilogue: every way to write a convolution's gradient, to the bit", T, float, double) {
  for (const ConvSizes& s : conv_shapes()) {
    INFO("in ", s.in_height, "x", s.in_width, "x", s.in_channels, ", groups ", s.groups);
    const auto dy = reals<T>(s.batch * s.out_height * s.out_width * s.out_channels, 1),
               w = reals<T>(s.weights(), 2);
    check_gates<ConvBackwardData<T>>(
        s, s.batch * s.in_height * s.in_width, s.in_channels,
        [&](const auto& run, const Gate& gate, T* dx) { run(dy, run.weights(w), dx, gate); });
  }
}

TEST_CASE_TEMPLATE("epilogue: every ending and every gradient of a linear layer, to the bit", T, float,
                   double) {
  for (const LinearSizes& s : linear_shapes()) {
    INFO("batch ", s.batch, ", in ", s.in, ", out ", s.out);
    const auto x = reals<T>(s.batch * s.in, 1), w = reals<T>(s.out * s.in, 2),
               dy = reals<T>(s.batch * s.out, 3);
    check_endings<LinearForward<T>>(s, s.batch, s.out, [&](const auto& run, const Epilogue<T>& e, T* y) {
      run(x, run.weights(w), e, y);
    });
    check_gates<LinearBackwardData<T>>(s, s.batch, s.in, [&](const auto& run, const Gate& gate, T* dx) {
      run(dy, run.weights(w), dx, gate);
    });
  }
}
