// A small interpreter of the graph that this page carries: every value and every gradient, in float64 from
// the float32 weights. It mirrors layers/*.h, formula by formula; the engine's own float64 numbers are in the
// page too, and the page says how far the two are apart.
'use strict';

const size = ([c, h, w]) => c * h * w;

/// One operation: `forward` writes y of the inputs' values; `backward` adds to the inputs' gradients what the
/// gradient g of y sends them. s: the node, i: the inputs' shapes, o: its own.
const operations = {
  normalize: {
    forward(s, [x], y, [i]) {
      const plane = i[1] * i[2];
      for (let k = 0; k < y.length; k++) {
        const c = Math.floor(k / plane);
        y[k] = (x[k] / 255 - s.mean[c]) / s.std[c];
      }
    },
    backward(s, g, [dx], [i]) {
      const plane = i[1] * i[2];
      for (let k = 0; k < g.length; k++) dx[k] += g[k] / (255 * s.std[Math.floor(k / plane)]);
    },
  },
  conv: {
    forward(s, [x], y, [i], o) {
      const { weight: w, bias: b } = s.parameters;
      if (b) for (let k = 0; k < y.length; k++) y[k] = b[Math.floor(k / (o[1] * o[2]))];
      walkConv(s, i, o, (weight, to, from, count, step) => {
        const v = w[weight];
        for (let k = 0; k < count; k++) y[to + k] += v * x[from + k * step];
      });
    },
    backward(s, g, [dx], [i], o) {
      const w = s.parameters.weight;
      walkConv(s, i, o, (weight, to, from, count, step) => {
        const v = w[weight];
        for (let k = 0; k < count; k++) dx[from + k * step] += v * g[to + k];
      });
    },
  },
  batchnorm: {
    forward(s, [x], y, [i]) {
      const plane = i[1] * i[2];
      for (let k = 0; k < y.length; k++) {
        const [factor, shift] = batchnormFactors(s, Math.floor(k / plane));
        y[k] = factor * x[k] + shift;
      }
    },
    backward(s, g, [dx], [i]) {
      const plane = i[1] * i[2];
      for (let k = 0; k < g.length; k++) dx[k] += g[k] * batchnormFactors(s, Math.floor(k / plane))[0];
    },
  },
  relu: {
    forward(s, [x], y) {
      for (let k = 0; k < y.length; k++) y[k] = x[k] > 0 ? x[k] : 0;
    },
    backward(s, g, [dx], i, o, [x], rule) {
      for (let k = 0; k < g.length; k++) dx[k] += reluRules[rule](x[k], g[k]);
    },
  },
  max_pool: {
    forward(s, [x], y, [i], o) {
      forEachPixel(o, (c, v, u, k) => {
        y[k] = x[winner(s, x, i, c, v, u).index];
      });
    },
    backward(s, g, [dx], [i], o, [x], rule, lastOfZeros) {
      forEachPixel(o, (c, v, u, k) => {
        if (g[k] === 0) return;
        const { index } = winner(s, x, i, c, v, u), places = lastOfZeros ? poolWindow(s, i, c, v, u) : [];
        dx[places.length && places.every(at => x[at] === 0) ? places[places.length - 1] : index] += g[k];
      });
    },
  },
  average_pool: {
    forward(s, [x], y, [i], o) {
      forEachPixel(o, (c, v, u, k) => {
        const window = averageWindow(s, i, o, c, v, u);
        let sum = 0;
        for (const at of window.places) sum += x[at];
        y[k] = sum / window.divisor;
      });
    },
    backward(s, g, [dx], [i], o) {
      forEachPixel(o, (c, v, u, k) => {
        const window = averageWindow(s, i, o, c, v, u);
        for (const at of window.places) dx[at] += g[k] / window.divisor;
      });
    },
  },
  add: {
    forward(s, [a, b], y) {
      for (let k = 0; k < y.length; k++) y[k] = a[k] + b[k];
    },
    backward(s, g, inputs) {
      for (const dx of inputs) for (let k = 0; k < g.length; k++) dx[k] += g[k];
    },
  },
  shortcut: {
    forward(s, [x], y, [i], o) {
      forEachPixel(o, (c, v, u, k) => {
        const at = shortcutPlace(i, o, c, v, u);
        y[k] = at < 0 ? 0 : x[at];
      });
    },
    backward(s, g, [dx], [i], o) {
      forEachPixel(o, (c, v, u, k) => {
        const at = shortcutPlace(i, o, c, v, u);
        if (at >= 0) dx[at] += g[k];
      });
    },
  },
  flatten: {
    forward: (s, [x], y) => y.set(x),
    backward(s, g, [dx]) {
      for (let k = 0; k < g.length; k++) dx[k] += g[k];
    },
  },
  linear: {
    forward(s, [x], y) {
      const { weight: w, bias: b } = s.parameters;
      for (let r = 0; r < y.length; r++) {
        y[r] = b ? b[r] : 0;
        for (let k = 0; k < x.length; k++) y[r] += w[r * x.length + k] * x[k];
      }
    },
    backward(s, g, [dx]) {
      const w = s.parameters.weight;
      for (let r = 0; r < g.length; r++)
        for (let k = 0; k < dx.length; k++) dx[k] += w[r * dx.length + k] * g[r];
    },
  },
};
operations.dropout = operations.flatten;  // inference: nothing is dropped

/// What a ReLU with input x sends back of the gradient g, by each rule.
const reluRules = {
  gradient: (x, g) => (x > 0 ? g : 0),
  guided: (x, g) => (x > 0 && g > 0 ? g : 0),
  deconvnet: (x, g) => (g > 0 ? g : 0),
};

function forEachPixel([channels, height, width], visit) {
  for (let c = 0, k = 0; c < channels; c++)
    for (let v = 0; v < height; v++) for (let u = 0; u < width; u++, k++) visit(c, v, u, k);
}

/// Every weight, with the stretch of a row of outputs that it makes from inputs `step` apart.
function walkConv(s, i, o, visit) {
  const [kh, kw] = s.kernel, [sy, sx] = s.stride, [pt, pl] = s.pad, [dy, dx] = s.dilation;
  const deep = i[0] / s.groups, wide = o[0] / s.groups;
  for (let c = 0, weight = 0; c < o[0]; c++)
    for (let d = 0; d < deep; d++) {
      const source = (Math.floor(c / wide) * deep + d) * i[1] * i[2];
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++, weight++) {
          const offset = kx * dx - pl;  // input column of output column 0
          const first = Math.max(0, Math.ceil(-offset / sx));
          const end = Math.min(o[2], Math.floor((i[2] - 1 - offset) / sx) + 1);
          for (let v = 0; v < o[1]; v++) {
            const row = v * sy - pt + ky * dy;
            if (row < 0 || row >= i[1] || end <= first) continue;
            visit(weight, (c * o[1] + v) * o[2] + first, source + row * i[2] + first * sx + offset,
                  end - first, sx);
          }
        }
    }
}

/// In inference y = factor·x + shift.
function batchnormFactors(s, c) {
  const { weight, bias, running_mean: mean, running_var: variance } = s.parameters;
  const factor = weight[c] / Math.sqrt(variance[c] + s.epsilon);
  return [factor, bias[c] - factor * mean[c]];
}

/// The places of a window of a pool, within the image, in order.
function poolWindow(s, i, c, v, u) {
  const places = [];
  for (let ky = 0; ky < s.kernel; ky++)
    for (let kx = 0; kx < s.kernel; kx++) {
      const row = v * s.stride - s.pad + ky, column = u * s.stride - s.pad + kx;
      if (row >= 0 && row < i[1] && column >= 0 && column < i[2])
        places.push((c * i[1] + row) * i[2] + column);
    }
  return places;
}

/// The first maximum of a window, and how many there are.
function winner(s, x, i, c, v, u) {
  let index = -1, ties = 0;
  for (const at of poolWindow(s, i, c, v, u)) {
    if (index < 0 || x[at] > x[index]) [index, ties] = [at, 1];
    else if (x[at] === x[index]) ties++;
  }
  return { index, ties };
}

function averageWindow(s, i, o, c, v, u) {
  if (!s.kernel) {  // as many equal windows as there are outputs
    const kh = i[1] / o[1], kw = i[2] / o[2], places = [];
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) places.push((c * i[1] + v * kh + ky) * i[2] + u * kw + kx);
    return { places, divisor: places.length };
  }
  const places = poolWindow(s, i, c, v, u);
  return { places, divisor: s.count_padding ? s.kernel * s.kernel : places.length };
}

/// The input that a parameter-free shortcut copies; below 0 where it pads.
function shortcutPlace(i, o, c, v, u) {
  const from = c - Math.floor((o[0] - i[0]) / 2), step = Math.round(i[1] / o[1]);
  return from < 0 || from >= i[0] ? -1 : (from * i[1] + v * step) * i[2] + u * step;
}

/// Softmax, from the largest down so that nothing overflows.
function softmax(logits) {
  const largest = Math.max(...logits), terms = Array.from(logits, s => Math.exp(s - largest));
  const sum = terms.reduce((a, b) => a + b, 0);
  return terms.map(t => t / sum);
}

/// A network whose values and gradients are computed here. Value 0 is the image; node k makes value k + 1.
class ComputedNetwork {
  constructor(nodes, imageShape) {
    this.nodes = nodes;
    this.shapes = [imageShape, ...nodes.map(node => node.shape)];
  }

  /// All values of an image.
  forward(image) {
    const values = [Float64Array.from(image)];
    for (const node of this.nodes) {
      const y = new Float64Array(size(node.shape));
      operations[node.kind].forward(node, node.inputs.map(k => values[k]), y,
                                    node.inputs.map(k => this.shapes[k]), node.shape);
      values.push(y);
    }
    return values;
  }

  /// All gradients of `seed`, the gradient at the last value, by a rule. With lastOfZeros another winner is taken
  /// where a window holds nothing but zeros.
  backward(values, seed, rule, lastOfZeros = false) {
    const gradients = values.map(v => new Float64Array(v.length));
    gradients[gradients.length - 1].set(seed);
    for (let k = this.nodes.length - 1; k >= 0; k--) {
      const node = this.nodes[k];
      operations[node.kind].backward(node, gradients[k + 1], node.inputs.map(i => gradients[i]),
                                     node.inputs.map(i => this.shapes[i]), node.shape,
                                     node.inputs.map(i => values[i]), rule, lastOfZeros);
    }
    return gradients;
  }
}
