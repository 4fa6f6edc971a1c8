// One room of the walk: a value, and the gradient that comes back to it.
'use strict';

/// How a value is laid out as cells: its pixels, or where it has only one its channels, in a near square.
function layout(id) {
  const [channels, height, width] = numbers.shapes[id];
  if (height * width > 1) return { columns: width, rows: height, vector: false };
  const columns = channels <= 10 ? channels : Math.ceil(Math.sqrt(channels));
  return { columns, rows: Math.ceil(channels / columns), vector: true };
}

function cells(id, what) {
  const { columns, rows, vector } = layout(id);
  if (!vector) return numbers.plane(id, what, state.channel);
  const all = new Float64Array(columns * rows);
  for (let c = 0; c < numbers.shapes[id][0]; c++) {
    const number = numbers.stored ? numbers.stored(id, what, c)
      : what === 'value' ? numbers.value(id, c) : numbers.gradient(what, id, c);
    all[c] = number ?? 0;
  }
  return all;
}

/// The picture of the image itself: colours, not a map.
function photograph() {
  const [, height, width] = numbers.shapes[0], pixels = height * width;
  return Array.from({ length: pixels }, (_, p) => [0, 1, 2].map(c => numbers.image[c * pixels + p]));
}

/// Where a plane is strongest, in words.
function whereStrongest(plane, columns) {
  let best = 0;
  plane.forEach((number, k) => { if (Math.abs(number) > Math.abs(plane[best])) best = k; });
  const rows = plane.length / columns, y = Math.floor(best / columns), x = best % columns;
  if (rows === 1 && columns === 1) return '';
  const third = (at, of, names) => names[Math.min(2, Math.floor(3 * (at + 0.5) / of))];
  const where = [third(y, rows, ['upper', 'middle', 'lower']), third(x, columns, ['left', 'centre', 'right'])].join(' ');
  return `strongest at row ${y}, column ${x} (${where})`;
}

const sentences = {
  image: 'The picture, in grey levels from 0 to 255. The gradient here is what the map is made of: how much the score rises for one more grey level.',
  normalize: 'y = (x/255 − mean)/std. Backwards only the factor 1/(255·std) is left.',
  conv: 'y = Σ w·x over a patch of all channels. Backwards each input gathers Σ w·g over the outputs that read it.',
  batchnorm: 'y = γ·(x − μ)/√(σ² + a tiny number) + β. In inference all that is left backwards is one factor per channel, γ/√(σ² + …).',
  relu: 'y = max(x, 0). Backwards by the rule: gradient g·[x > 0], guided g·[x > 0]·[g > 0], deconvnet g·[g > 0].',
  max_pool: 'The largest number of each window. Backwards everything goes to the first maximum.',
  average_pool: 'The mean of a window. Backwards an equal share for each of its numbers.',
  add: 'The residual join: y = a + b. Backwards both summands get the same gradient.',
  shortcut: 'Every other pixel, with zero channels around: a shortcut without parameters.',
  flatten: 'The same numbers in a row.',
  dropout: 'In inference nothing is dropped.',
  linear: 'y = W·x + b. Backwards Wᵀ·g.',
};

function describeCanvas(canvas, name, plane, columns, scale) {
  canvas.setAttribute('aria-label', `${name} of ${numbers.nameOf(state.id)}, ${plane.length / columns} by ${columns} cells, ` +
    `${whereStrongest(plane, columns)}, up to ${shown(scale, 3)} in size`);
}

const legend = scale => `<span>−${shown(scale, 3)}</span><i></i><span>${shown(scale, 3)}</span>`;

function markedCell() {
  if (state.pixel === null) return -1;
  const [c, y, x] = place(numbers.shapes[state.id], state.pixel), { columns, vector } = layout(state.id);
  return vector ? c : y * columns + x;
}

function renderRoom() {
  const id = state.id, node = numbers.nodes[id - 1], kind = node ? node.kind : 'image';
  const { columns, vector } = layout(id), shape = numbers.shapes[id];
  element('step').value = id;
  element('step-name').textContent = `${numbers.nameOf(id)} (${id} of ${numbers.nodes.length})`;
  element('step').setAttribute('aria-valuetext', numbers.nameOf(id));
  element('room-name').textContent = numbers.nameOf(id);
  element('room-what').textContent = `${kind}${node && node.description ? ` ${node.description}` : ''}, ` +
    `${shape.join('×')}. ${sentences[kind] || ''}`;
  const valueScale = numbers.scale(id, 'value'), gradientScale = numbers.scale(id, 'gradient');
  const value = cells(id, 'value'), gradient = cells(id, state.rule), marked = markedCell();
  const isPhotograph = id === 0 && state.channel < 0;
  drawPlane(element('value'), isPhotograph ? photograph() : value, columns, valueScale, marked);
  drawPlane(element('gradient'), gradient, columns, gradientScale, marked);
  describeCanvas(element('value'), isPhotograph ? 'The picture' : 'Values', value, columns, valueScale);
  describeCanvas(element('gradient'), `Gradient by ${state.rule}`, gradient, columns, gradientScale);
  const which = vector ? 'a cell for each channel' : state.channel < 0 ? 'of all channels the strongest' : `channel ${state.channel}`;
  element('value-text').textContent = isPhotograph ? 'what the network sees' : `${which}; ${whereStrongest(value, columns)}`;
  element('gradient-text').textContent = `${which}, by ${state.rule}; ${whereStrongest(gradient, columns)}`;
  element('value-legend').innerHTML = isPhotograph ? '' : legend(valueScale);
  element('gradient-legend').innerHTML = legend(gradientScale);
  element('gradient-legend').title = 'one scale for all three rules';
  renderSummands(node);
  renderCounts(node, id - 1);
  for (const box of element('rooms').querySelectorAll('[data-id]'))
    box.setAttribute('stroke-width', Number(box.dataset.id) === id ? 3 : 0.5);
  const strip = element('rooms').parentElement;
  strip.scrollLeft = id * roomWidth - strip.clientWidth / 2;
}

function addFigure(box, title, what, plane, columns, scale) {
  const figure = document.createElement('figure'), canvas = document.createElement('canvas');
  figure.innerHTML = `<figcaption><b>${escaped(title)}</b><span>${escaped(what)}</span></figcaption>`;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${title}, ${whereStrongest(plane, columns)}`);
  drawPlane(canvas, plane, columns, scale);
  figure.append(canvas);
  box.append(figure);
}

/// Where a ReLU's units are active.
function renderMask(box, node) {
  if (!node || node.kind !== 'relu' || layout(state.id).vector) return;
  addFigure(box, 'Mask', state.channel < 0 ? 'share of the channels that are active, white none, red all' : `channel ${state.channel}: red where x > 0`,
            numbers.maskPlane(state.id - 1, state.channel), node.shape[2], 1);
}

/// At a join: both summands beside their sum, on its scale. At a ReLU: what it lets pass.
function renderSummands(node) {
  const box = element('summands');
  box.innerHTML = '';
  if (node && node.kind === 'relu' && numbers.consumers[node.inputs[0]].length === 1 && !layout(state.id).vector) {
    const plane = numbers.plane(node.inputs[0], state.rule, state.channel);
    if (plane)
      addFigure(box, `Leaves, by ${state.rule}`, 'what the rule lets pass of what comes in, on the same scale', plane,
                numbers.shapes[state.id][2], numbers.scale(state.id, 'gradient'));
  }
  renderMask(box, node);
  if (!node || node.kind !== 'add') return;
  const scale = numbers.scale(state.id, 'value');
  for (const input of node.inputs) {
    const plane = numbers.plane(input, 'value', state.channel);
    if (plane) addFigure(box, `Summand: ${numbers.nameOf(input)}`, 'on the scale of the sum', plane, numbers.shapes[input][2], scale);
  }
}

function renderCounts(node, k) {
  const box = element('room-counts');
  box.innerHTML = '';
  if (!node) return;
  if (node.kind === 'relu') {
    const n = numbers.reluCounts(k, state.rule), bar = ['mask', 'sign', 'both'];
    box.innerHTML = `<span class="facts">${percent(n.active)} of the units are active; to ${percent(n.against)} of these comes, by ${state.rule}, a gradient below 0. ` +
      `By the rule ${state.rule} what comes is stopped in ${percent(n.mask)} of all units by the mask, in ${percent(n.sign)} by its sign, in ${percent(n.both)} by both; to the others nothing comes, or it passes.</span>` +
      `<span class="kills" role="img" aria-label="killed: ${bar.map(b => `${b} ${percent(n[b])}`).join(', ')}">` +
      bar.map(b => `<span class="${b}" style="width:${100 * n[b]}%"></span>`).join('') + '</span>' +
      '<span class="key"><i class="mask"></i>by the mask (x ≤ 0)<i class="sign"></i>by the sign (g &lt; 0)<i class="both"></i>by both</span>';
  }
  if (node.kind === 'max_pool') {
    const n = numbers.poolCounts(k);
    box.innerHTML = `<span class="facts">${percent(n.all_zero)} of the windows hold nothing but zeros, ${percent(n.tied)} have more than one maximum: the gradient goes to the first.</span>`;
  }
}
