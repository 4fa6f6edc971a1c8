#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/micro_kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

// All three directions read or write the weights once, in the order in which they lie in memory: at small
// batches that is what takes the time. Every image's sums have the same order in a batch of any size.
constexpr std::int64_t row_block = 48, column_block = 2048;  // multiples of 8: whole bytes of a mask
constexpr std::int64_t rows_together = 16;                   // as many as a processor sees as streams

/// Rows of weights against up to four images at a time. What fills no vector is summed after the rest.
template <class T>
Bound<LinearForward<T>> bind_forward(const LinearSizes& s, const Machine&) {
  const std::int64_t lanes = micro_kernels<T>().lanes, whole = s.in / lanes * lanes;
  const bool copies = whole < s.in;  // images lie side by side where they are read
  const auto run = [=](const T* x, const T* w, const Epilogue<T>& epilogue, T* y, const Workers& workers) {
    const T* images = x;
    if (copies) {
      T* const copy = reinterpret_cast<T*>(workers.shared);
      for (std::int64_t n = 0; n < s.batch; ++n) std::copy_n(x + n * s.in, whole, copy + n * whole);
      images = copy;
    }
    parallel_blocks(workers, s.out, row_block, [&](std::int64_t begin, std::int64_t end) {
      const Run all{0, whole};
      const T* rows[row_block];
      for (std::int64_t r = begin; r < end; ++r) rows[r - begin] = w + r * s.in;
      for (std::int64_t n = 0; n < s.batch; n += most_dots) {
        const std::int64_t count = std::min(most_dots, s.batch - n);
        T sums[row_block * most_dots], image[row_block];
        micro_kernels<T>().dots({rows, end - begin, sums, most_dots}, {&all, 1}, images + n * whole, count);
        for (std::int64_t i = 0; i < count; ++i) {
          for (std::int64_t r = 0; r < end - begin; ++r) {
            image[r] = sums[r * most_dots + i];
            for (std::int64_t k = whole; k < s.in; ++k) image[r] += rows[r][k] * x[(n + i) * s.in + k];
          }
          finish(epilogue, s.out, n + i, begin, end - begin, image, y);
        }
      }
    });
  };
  return {.run = run, .shared = copies ? static_cast<std::size_t>(s.batch * whole) * sizeof(T) : 0};
}

/// to[r][c] = Σ_k from[r][k]·m[k·stride + c] for k in [first, first + length), c in [0, columns); with
/// `adds`, from what is there on. The columns that fill no vector are summed one by one.
template <class T>
void multiply(const T* from, std::int64_t from_stride, std::int64_t rows, const T* m, std::int64_t stride,
              std::int64_t first, std::int64_t length, std::int64_t columns, T* to, std::int64_t to_stride,
              bool adds) {
  const MicroKernels<T>& kernels = micro_kernels<T>();
  const Run run{first, length};
  const std::int64_t whole = columns / kernels.lanes;  // vectors
  m += first * stride;
  for (std::int64_t v = 0; v < whole; v += kernels.vectors)
    for (std::int64_t r = 0; r < rows; r += kernels.rows) {
      const T* read[16];
      const std::int64_t count = std::min(kernels.rows, rows - r);
      for (std::int64_t i = 0; i < count; ++i) read[i] = from + (r + i) * from_stride;
      kernels.multiply({read, count, to + r * to_stride + v * kernels.lanes, to_stride}, {&run, 1},
                       m + v * kernels.lanes, stride, std::min(kernels.vectors, whole - v), adds);
    }
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = whole * kernels.lanes; c < columns; ++c) {
      T sum = adds ? to[r * to_stride + c] : T(0);
      for (std::int64_t k = 0; k < length; ++k) sum += from[r * from_stride + first + k] * m[k * stride + c];
      to[r * to_stride + c] = sum;
    }
}

/// A stretch of columns for all images, some rows of weights after the other.
template <class T>
Bound<LinearBackwardData<T>> bind_backward_data(const LinearSizes& s, const Machine&) {
  const auto run = [s](const T* dy, const T* w, T* dx, const Gate& gate, const Workers& workers) {
    parallel_for(workers, (s.in + column_block - 1) / column_block, [&](std::int64_t index, int worker) {
      T* const sums = workers.slice<T>(worker);
      const std::int64_t begin = index * column_block, count = std::min(column_block, s.in - begin);
      for (std::int64_t o = 0; o < s.out; o += rows_together)
        multiply(dy, s.out, s.batch, w + begin, s.in, o, std::min(rows_together, s.out - o), count, sums,
                 column_block, o > 0);
      for (std::int64_t n = 0; n < s.batch; ++n)
        finish(gate, s.in, n, begin, count, sums + n * column_block, dx);
    });
  };
  return {.run = run, .scratch = static_cast<std::size_t>(s.batch * column_block) * sizeof(T)};
}

/// Some rows of dw, from dy with outputs first.
template <class T>
Bound<LinearBackwardWeights<T>> bind_backward_weights(const LinearSizes& s, const Machine&) {
  const auto run = [s](const T* x, const T* dy, T* dw, T* dbias, Write write, const Workers& workers) {
    T* const turned = reinterpret_cast<T*>(workers.shared);
    parallel_blocks(workers, s.out, row_block, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o)
        for (std::int64_t n = 0; n < s.batch; ++n) turned[o * s.batch + n] = dy[n * s.out + o];
      multiply(turned + begin * s.batch, s.batch, end - begin, x, s.in, 0, s.batch, s.in, dw + begin * s.in,
               s.in, write == Write::add);
    });
    if (!dbias) return;
    for (std::int64_t o = 0; o < s.out; ++o) {
      T sum = write == Write::add ? dbias[o] : T(0);
      for (std::int64_t n = 0; n < s.batch; ++n) sum += dy[n * s.out + o];
      dbias[o] = sum;
    }
  };
  return {.run = run, .shared = static_cast<std::size_t>(s.out * s.batch) * sizeof(T)};
}

}  // namespace

BACKLIGHT_TABLE(LinearForward, {{"rows", bind_forward<T>}, {"ref", ref::linear_forward<T>}})
BACKLIGHT_TABLE(LinearBackwardData,
                {{"columns", bind_backward_data<T>}, {"ref", ref::linear_backward_data<T>}})
BACKLIGHT_TABLE(LinearBackwardWeights,
                {{"rows", bind_backward_weights<T>}, {"ref", ref::linear_backward_weights<T>}})

}  // namespace backlight::cpu
