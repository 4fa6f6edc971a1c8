// One number spelled out: what it is the sum of, forward and backward, with the numbers themselves. `numbers`
// is where they come from: value(id, index), gradient(rule, id, index), weight(node, name, index), each
// undefined where the page does not hold it.
'use strict';

const place = (shape, index) => {
  const plane = shape[1] * shape[2], p = index % plane;
  return [Math.floor(index / plane), Math.floor(p / shape[2]), p % shape[2]];
};
const indexOf = (shape, c, y, x) => (c * shape[1] + y) * shape[2] + x;
const placeText = (shape, index) => {
  const [c, y, x] = place(shape, index);
  return shape[1] * shape[2] === 1 ? `${c}` : `${c} at ${y},${x}`;
};

/// How node k made the number at `index` of its output: a sum of products {label, a, b}, and what is added.
function forwardTerms(numbers, k, index) {
  const node = numbers.nodes[k], o = node.shape, i = numbers.shapes[node.inputs[0]], from = node.inputs[0];
  const [c, v, u] = place(o, index), x = at => numbers.value(from, at);
  const terms = [], named = at => `input ${placeText(i, at)}`;
  let added;
  switch (node.kind) {
    case 'conv': {
      const [kh, kw] = node.kernel, deep = i[0] / node.groups;
      const first = Math.floor(c / (o[0] / node.groups)) * deep;
      for (let d = 0; d < deep; d++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const row = v * node.stride[0] - node.pad[0] + ky * node.dilation[0];
            const column = u * node.stride[1] - node.pad[1] + kx * node.dilation[1];
            if (row < 0 || row >= i[1] || column < 0 || column >= i[2]) continue;
            const at = indexOf(i, first + d, row, column);
            const w = numbers.weight(k, 'weight', ((c * deep + d) * kh + ky) * kw + kx);
            terms.push({ label: named(at), a: w, b: x(at), id: from, at });
          }
      if (node.parameters.bias) added = ['bias', numbers.weight(k, 'bias', c)];
      break;
    }
    case 'linear':
      for (let d = 0; d < size(i); d++)
        terms.push({ label: named(d), a: numbers.weight(k, 'weight', c * size(i) + d), b: x(d), id: from, at: d });
      if (node.parameters.bias) added = ['bias', numbers.weight(k, 'bias', c)];
      break;
    case 'batchnorm': {
      const [factor, shift] = numbers.factors(k, c);
      terms.push({ label: `γ/√(σ² + ${node.epsilon}), times the input`, a: factor, b: x(index), id: from, at: index });
      added = [`β − μ·γ/√(σ² + ${node.epsilon})`, shift];
      break;
    }
    case 'normalize':
      terms.push({ label: '1/(255·std), times the grey level', a: 1 / (255 * node.std[c]), b: x(index), id: from, at: index });
      added = ['−mean/std', -node.mean[c] / node.std[c]];
      break;
    case 'average_pool': {
      const window = averageWindow(node, i, o, c, v, u);
      for (const at of window.places) terms.push({ label: named(at), a: 1 / window.divisor, b: x(at), id: from, at });
      break;
    }
    case 'add':
      for (const input of node.inputs)
        terms.push({ label: numbers.nameOf(input), a: 1, b: numbers.value(input, index), id: input, at: index });
      break;
    case 'max_pool': {
      const places = poolWindow(node, i, c, v, u), all = places.map(x);
      const best = all.indexOf(Math.max(...all)), ties = all.filter(n => n === all[best]).length;
      places.forEach((at, n) => terms.push({
        label: named(at) + (n !== best ? all[n] === all[best] ? ': equal, but later' : ''
                            : ties > 1 ? `: the first of ${ties} equal maxima` : ': the maximum'),
        a: n === best ? 1 : 0, b: all[n], id: from, at,
      }));
      break;
    }
    case 'relu':
      terms.push({ label: x(index) > 0 ? 'x > 0: it passes' : 'x ≤ 0: cut off', a: x(index) > 0 ? 1 : 0, b: x(index), id: from, at: index });
      break;
    case 'shortcut': {
      const at = shortcutPlace(i, o, c, v, u);
      if (at >= 0) terms.push({ label: named(at), a: 1, b: x(at), id: from, at });
      break;
    }
    default:
      terms.push({ label: named(index), a: 1, b: x(index), id: from, at: index });
  }
  return { terms, added };
}

/// What node k sends of its output's gradient to the number at `index` of its input.
function backwardTerms(numbers, k, input, index, rule) {
  const node = numbers.nodes[k], o = node.shape, i = numbers.shapes[input], out = k + 1;
  const g = at => numbers.gradient(rule, out, at), [c, y, x] = place(i, index);
  const terms = [], named = at => `${node.name} ${placeText(o, at)}`;
  /// The outputs of one axis whose window holds a place, and the tap with which.
  const readers = (at, length, kernel, stride, pad, dilation) => {
    const found = [];
    for (let tap = 0; tap < kernel; tap++) {
      const position = at + pad - tap * dilation;
      if (position % stride === 0 && position >= 0 && position / stride < length)
        found.push([position / stride, tap]);
    }
    return found;
  };
  switch (node.kind) {
    case 'conv': {
      const deep = i[0] / node.groups, wide = o[0] / node.groups, group = Math.floor(c / deep);
      for (const [v, ky] of readers(y, o[1], node.kernel[0], node.stride[0], node.pad[0], node.dilation[0]))
        for (const [u, kx] of readers(x, o[2], node.kernel[1], node.stride[1], node.pad[1], node.dilation[1]))
          for (let r = group * wide; r < (group + 1) * wide; r++) {
            const w = ((r * deep + c % deep) * node.kernel[0] + ky) * node.kernel[1] + kx;
            const at = indexOf(o, r, v, u);
            terms.push({ label: named(at), a: numbers.weight(k, 'weight', w), b: g(at), id: out, at });
          }
      break;
    }
    case 'linear':
      for (let r = 0; r < o[0]; r++)
        terms.push({ label: named(r), a: numbers.weight(k, 'weight', r * size(i) + index), b: g(r), id: out, at: r });
      break;
    case 'batchnorm':
      terms.push({ label: `γ/√(σ² + ${node.epsilon}): all that is left of it in inference`, a: numbers.factors(k, c)[0], b: g(index), id: out, at: index });
      break;
    case 'normalize':
      terms.push({ label: '1/(255·std): per grey level', a: 1 / (255 * node.std[c]), b: g(index), id: out, at: index });
      break;
    case 'relu': {
      const value = numbers.value(input, index), comes = g(index);
      const passes = reluRules[rule](value, comes) !== 0 ? 1 : 0;
      terms.push({ label: reluReason(rule, value, comes), a: passes, b: comes, id: out, at: index });
      break;
    }
    case 'max_pool':
      for (const [v] of readers(y, o[1], node.kernel, node.stride, node.pad, 1))
        for (const [u] of readers(x, o[2], node.kernel, node.stride, node.pad, 1)) {
          const all = poolWindow(node, i, c, v, u).map(at => numbers.value(input, at));
          const places = poolWindow(node, i, c, v, u), best = places[all.indexOf(Math.max(...all))];
          const at = indexOf(o, c, v, u), won = best === index, tied = all.filter(n => n === Math.max(...all)).length;
          terms.push({
            label: `window ${v},${u}: ` + (won ? tied > 1 ? `the first of ${tied} equal maxima` : 'its winner'
                                               : 'another won'),
            a: won ? 1 : 0, b: g(at), id: out, at,
          });
        }
      break;
    case 'average_pool':
      forEachPixel([1, o[1], o[2]], (zero, v, u) => {
        const window = averageWindow(node, i, o, c, v, u);
        if (window.places.includes(index))
          terms.push({ label: named(indexOf(o, c, v, u)), a: 1 / window.divisor, b: g(indexOf(o, c, v, u)), id: out, at: indexOf(o, c, v, u) });
      });
      break;
    case 'shortcut':
      forEachPixel(o, (r, v, u, at) => {
        if (shortcutPlace(i, o, r, v, u) === index) terms.push({ label: named(at), a: 1, b: g(at), id: out, at });
      });
      break;
    case 'add':
      terms.push({ label: `${node.name}: a join sends the same to each summand`, a: 1, b: g(index), id: out, at: index });
      break;
    default:
      terms.push({ label: named(index), a: 1, b: g(index), id: out, at: index });
  }
  return terms;
}

/// Why a ReLU lets a gradient pass or not.
function reluReason(rule, x, g) {
  const asked = { gradient: ['mask'], guided: ['mask', 'sign'], deconvnet: ['sign'] }[rule];
  const dead = [];
  if (asked.includes('mask') && !(x > 0)) dead.push('by the mask (x ≤ 0)');
  if (asked.includes('sign') && g < 0) dead.push('by the sign (g < 0)');
  if (g === 0) return 'nothing comes';
  return dead.length ? `killed ${dead.join(' and ')}` : `${rule} lets it pass`;
}

/// The sum of some terms: the largest named, the others together.
function summed(terms, added, most = 8) {
  const known = terms.filter(t => t.a !== undefined && t.b !== undefined);
  const sorted = known.map(t => ({ ...t, product: t.a * t.b }))
    .sort((s, t) => Math.abs(t.product) - Math.abs(s.product));
  const named = sorted.slice(0, sorted.length <= most + 1 ? sorted.length : most), rest = sorted.slice(named.length);
  const total = sorted.reduce((sum, t) => sum + t.product, 0) + (added ? added[1] : 0);
  return {
    named, added, total,
    rest: { count: rest.length, sum: rest.reduce((sum, t) => sum + t.product, 0) },
    complete: known.length === terms.length && (!added || added[1] !== undefined),
  };
}
