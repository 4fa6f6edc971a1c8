#pragma once

// What the tests of convolutions and linear layers share: every way in which a finished sum can end.

#include "sweep.h"

namespace backlight::sweep {

using Mask = std::vector<std::uint8_t>;
constexpr ReluRule rules[] = {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet};

/// Which of an epilogue's parts are there.
struct Ending {
  bool bias, residual, relu, mask, held;
};

inline std::vector<Ending> endings() {
  std::vector<Ending> all;
  for (const bool bias : {false, true})
    for (const bool residual : {false, true}) {
      all.push_back({bias, residual, false, false, false});
      for (const bool mask : {false, true})
        for (const bool held : {false, true}) all.push_back({bias, residual, true, mask, held});
    }
  return all;
}

/// The signs of some other run: unused bits are 0, as everywhere.
template <class T>
Mask some_signs(const ReluSizes& s) {
  Mask mask(size(s.mask_bytes()));
  const auto x = integers<T>(s.count(), 21);
  std::vector<T> y(x.size());
  reference<ReluForward<T>>(s)(x, y, mask);
  return mask;
}

/// What epilogues read, for one output.
template <class T>
struct EpilogueOperands {
  std::vector<T> bias, residual;
  Mask held;

  EpilogueOperands(const ReluSizes& s, std::vector<T> (*numbers)(std::int64_t, unsigned))
      : bias(numbers(s.channels, 22)), residual(numbers(s.count(), 23)), held(some_signs<T>(s)) {}

  Epilogue<T> epilogue(const Ending& e, Mask& mask) const {
    return {e.bias ? bias.data() : nullptr, e.residual ? residual.data() : nullptr, e.relu,
            e.mask ? mask.data() : nullptr, e.held ? held.data() : nullptr};
  }
};

/// y and the mask of one run; y begins as NaN and the mask as what nobody would write.
template <class T>
struct Output {
  std::vector<T> y;
  Mask mask;
  explicit Output(const ReluSizes& s)
      : y(before<T>(s.count(), Write::set)), mask(size(s.mask_bytes()), 0xee) {}
};

template <class T>
std::vector<T> some_integers(std::int64_t count, unsigned seed) {
  return integers<T>(count, seed);
}

/// Holds every implementation with every epilogue against the reference; y has s.rows rows of s.channels.
template <class Contract, class T = typename Contract::Element>
void check_epilogues(const typename Contract::Sizes& sizes, const ReluSizes& s, const std::vector<T>& x,
                     const std::vector<T>& w) {
  const EpilogueOperands<T> operands(s, some_integers<T>);
  std::vector<Output<T>> wanted;
  for (const Ending& e : endings()) {
    Output<T>& out = wanted.emplace_back(s);
    reference<Contract>(sizes)(x, w, operands.epilogue(e, out.mask), out.y);
  }
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    if (!run.exact()) return;  // check_fusion and its error say all of it
    const auto prepared = run.weights(w);
    auto expected = wanted.begin();
    for (const Ending& e : endings()) {
      INFO("bias ", e.bias, ", residual ", e.residual, ", relu ", e.relu, ", mask ", e.mask, ", held ",
           e.held);
      Output<T> out(s);
      run(x, prepared, operands.epilogue(e, out.mask), out.y);
      check_same(out.y, expected->y);
      check_same(out.mask, expected->mask);
      if (e.residual) {  // in place
        out = Output<T>(s);
        out.y = operands.residual;
        Epilogue<T> epilogue = operands.epilogue(e, out.mask);
        epilogue.residual = out.y.data();
        run(x, prepared, epilogue, out.y);
        check_same(out.y, expected->y);
      }
      ++expected;
    }
  });
}

/// Every gate: ungated, and by each rule; deconvnet without a mask.
inline std::vector<Gate> gates(const Mask& mask) {
  std::vector<Gate> all;
  for (const Write write : writes) {
    all.push_back({.write = write});
    for (const ReluRule rule : rules)
      all.push_back({write, true, rule, rule == ReluRule::deconvnet ? nullptr : mask.data()});
  }
  return all;
}

/// The same for a backward to the data; dx has s.rows rows of s.channels.
template <class Contract, class T = typename Contract::Element>
void check_gates(const typename Contract::Sizes& sizes, const ReluSizes& s, const std::vector<T>& dy,
                 const std::vector<T>& w) {
  const Mask mask = some_signs<T>(s);
  std::vector<std::vector<T>> wanted;
  for (const Gate& gate : gates(mask)) {
    wanted.push_back(before<T>(s.count(), gate.write));
    reference<Contract>(sizes)(dy, w, wanted.back(), gate);
  }
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    if (!run.exact()) return;
    const auto prepared = run.weights(w);
    auto expected = wanted.begin();
    for (const Gate& gate : gates(mask)) {
      INFO("adds ", gate.write == Write::add, ", gated ", gate.gated, ", rule ", static_cast<int>(gate.rule));
      auto dx = before<T>(s.count(), gate.write);
      run(dy, prepared, dx, gate);
      check_same(dx, *expected++);
    }
  });
}

/// With an epilogue: the bits of the kernel with its bias alone, then Add, then ReluForward.
template <class Contract, class T = typename Contract::Element>
void check_fusion(const typename Contract::Sizes& sizes, const ReluSizes& s, const std::vector<T>& x,
                  const std::vector<T>& w) {
  const EpilogueOperands<T> operands(s, reals<T>);
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    const auto prepared = run.weights(w);
    Output<T> fused(s), apart(s);
    run(x, prepared, operands.epilogue({true, true, true, true, false}, fused.mask), fused.y);
    run(x, prepared, operands.epilogue({true, false, false, false, false}, apart.mask), apart.y);
    reference<Add<T>>({s.count()})(apart.y, operands.residual, apart.y);
    reference<ReluForward<T>>(s)(apart.y, apart.y, apart.mask);
    check_same(fused.y, apart.y);
    check_same(fused.mask, apart.mask);
  });
}

/// With a gate: the bits of the kernel alone, added, then ReluBackward.
template <class Contract, class T = typename Contract::Element>
void check_gate_fusion(const typename Contract::Sizes& sizes, const ReluSizes& s, const std::vector<T>& dy,
                       const std::vector<T>& w) {
  const Mask mask = some_signs<T>(s);
  const auto held = reals<T>(s.count(), 24);
  for_each_implementation<Contract>(sizes, [&](const auto& run) {
    const auto prepared = run.weights(w);
    auto fused = held, apart = before<T>(s.count(), Write::set);
    run(dy, prepared, fused, Gate{Write::add, true, ReluRule::guided, mask.data()});
    run(dy, prepared, apart, Gate{});
    reference<Add<T>>({s.count()})(held, apart, apart);
    reference<ReluBackward<T>>(s)(ReluRule::guided, apart, mask, apart, Write::set);
    check_same(fused, apart);
  });
}

}  // namespace backlight::sweep
