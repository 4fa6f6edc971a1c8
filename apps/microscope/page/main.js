// The page itself: what is looked at, and what is shown of it.
'use strict';

const element = id => document.getElementById(id);
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));
const shown = (number, digits = 4) =>
  number === undefined ? 'not stored' : (number === 0 ? '0' : Number(number.toPrecision(digits)).toString()).replace('-', '−').replace('e−', 'e−');

let numbers;
const state = { id: 0, rule: 'gradient', channel: -1, pixel: null, epsilon: -10, delta: 2 };  // pixel: an index of value id

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

/// A table of products that sum to a number.
function termTable(caption, terms, added) {
  const sum = summed(terms, added);
  if (!sum.complete && sum.named.length === 0) return `<p><b>${caption}</b> The numbers it is made of are not stored in this page.</p>`;
  let rows = sum.named.map(t => `<tr><td>${t.id === undefined ? escaped(t.label) : `<button type="button" class="go" data-go="${t.id},${t.at}">${escaped(t.label)}</button>`}</td><td>${shown(t.a)}</td><td>${shown(t.b)}</td><td>${shown(t.product)}</td></tr>`).join('');
  if (sum.rest.count) rows += `<tr><td>${sum.rest.count} others together</td><td></td><td></td><td>${shown(sum.rest.sum)}</td></tr>`;
  if (added) rows += `<tr><td>${escaped(added[0])}</td><td></td><td></td><td>${shown(added[1])}</td></tr>`;
  return `<p><b>${caption}</b>${sum.complete ? '' : ' (some of it is not stored in this page)'}</p><div class="scroll"><table><tr><th></th><th>factor</th><th>number</th><th>product</th></tr>${rows}` +
    `<tr class="sum"><td>sum</td><td></td><td></td><td data-sum="${sum.total}">${shown(sum.total, 6)}</td></tr></table></div>`;
}

function renderNumber() {
  const body = element('number-body'), id = state.id;
  element('number-name').textContent = 'One number';
  body.innerHTML = '';
  if (state.pixel === null) return;
  const shape = numbers.shapes[id], index = state.pixel, node = numbers.nodes[id - 1];
  element('number-name').textContent = `One number: ${numbers.nameOf(id)}, channel ${placeText(shape, index)}`;
  const value = numbers.value(id, index), g = numbers.gradient(state.rule, id, index);
  let html = `<table><tr><th>value</th>${ruleNames.map(r => `<th>gradient in, ${r}</th>`).join('')}</tr>` +
    `<tr><td data-value="${value}">${shown(value, 6)}</td>${ruleNames.map(r => `<td data-rule="${r}" data-gradient="${numbers.gradient(r, id, index)}">${shown(numbers.gradient(r, id, index), 6)}</td>`).join('')}</tr></table>`;
  if (node) {
    const { terms, added } = forwardTerms(numbers, numbers, id - 1, index);
    html += termTable(`Forward: how ${escaped(node.name)} made ${shown(value)}.`, terms, added);
  }
  if (numbers.consumers[id].length === 0) {
    const p = softmax(numbers.logits), k = numbers.target;
    html += `<p><b>Back: here it starts.</b> The gradient of the logit is 1 at its class and 0 elsewhere. That of the probability would be p·([j = k] − p<sub>j</sub>): ` +
      `${shown(p[k] * ((index === k) - p[index]), 3)} here, as p of ${escaped(numbers.header.classes[k])} is ${shown(p[k], 6)}. The surer the network, the less is left of it.</p>`;
  }
  for (const k of numbers.consumers[id])
    html += termTable(`Back, by ${state.rule}: what ${escaped(numbers.nodes[k].name)} sends here.`,
                      backwardTerms(numbers, numbers, k, id, index, state.rule));
  if (numbers.consumers[id].length > 1) html += `<p>A fork: what comes back is added, ${shown(g)} together.</p>`;
  if (node && node.kind === 'relu') {
    const x = numbers.value(node.inputs[0], index);
    html += `<p><b>What leaves.</b> x = ${shown(x)}; by each rule (what comes differs as well: the ReLUs between here and the score have applied it already):</p><table>` + ruleNames.map(rule => {
      const comes = numbers.gradient(rule, id, index);
      return `<tr><td>${rule}</td><td>${shown(comes)} comes</td><td>${comes === undefined || x === undefined ? 'not stored' : `${reluReason(rule, x, comes)}: ${shown(reluRules[rule](x, comes))} leaves`}</td></tr>`;
    }).join('') + '</table>';
  }
  body.innerHTML = html;
}

/// The unit in which ε is counted: a grey level, or within the network the root mean square of the values.
function unit() {
  if (state.id === 0) return 1;
  const all = numbers.values[state.id];
  return Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length) || 1;
}

function renderTruth() {
  const body = element('truth-body'), chart = element('truth-chart');
  chart.innerHTML = '';
  if (!numbers.moved) return renderStoredTruth(body, chart);
  element('truth-how').textContent = 'The page computes it, in float64, by running the network again.';
  const index = state.pixel;
  if (index === null) {
    body.innerHTML = '<p class="hint">Click a pixel first.</p>';
    element('epsilon-text').textContent = '–';
    return;
  }
  const e = 2 ** state.epsilon * unit(), g = numbers.gradient('gradient', state.id, index);
  element('epsilon-text').textContent = shown(e, 3) + (state.id === 0 ? ' grey levels' : '');
  const s0 = numbers.score(numbers.logits);
  const points = [-1, -0.5, 0.5, 1].map(t => [t * e, numbers.moved(state.id, index, t * e)]);
  const below = points[0][1], above = points[3][1], slope = (above.score - below.score) / (2 * e);
  const flips = [below, above].map(m => `${m.signs} signs and ${m.winners} winners`);
  body.innerHTML = `<table><tr><td>(s(x + ε) − s(x − ε)) / 2ε</td><td data-difference="${slope}">${shown(slope, 8)}</td></tr>` +
    `<tr><td>the gradient</td><td>${shown(g, 8)}</td></tr>` +
    (state.rule === 'gradient' ? '' : `<tr><td>what ${state.rule} says</td><td>${shown(numbers.gradient(state.rule, state.id, index), 8)}</td></tr>`) +
    `<tr><td>relative difference from the gradient</td><td>${shown(Math.abs(slope - g) / Math.max(Math.abs(g), 1e-300), 2)}</td></tr>` +
    `<tr><td>slope below, above</td><td>${shown((s0 - below.score) / e, 5)}, ${shown((above.score - s0) / e, 5)}</td></tr>` +
    `<tr><td>changed at −ε</td><td>${flips[0]}</td></tr><tr><td>changed at +ε</td><td>${flips[1]}</td></tr></table>` +
    (below.signs + above.signs + below.winners + above.winners
      ? `<p>Within ±ε a ReLU or a max pool changes its mind: the score has a kink, and no gradient can follow it that far. ${
          state.epsilon > Number(element('epsilon').min) ? 'Make ε smaller.' : 'With the smallest ε too: the kink is at this very number, as at a unit whose input is 0, and there is no one slope.'}</p>`
      : '<p>No sign and no winner changes within ±ε: the network is linear here, and the two are the same but for rounding.</p>');
  const curve = [...points.slice(0, 2), [0, { score: s0 }], ...points.slice(2)].map(([t, m]) => [t, m.score - s0]);
  chart.innerHTML = lineChart({
    title: 'The score along this number', x: 'moved by', y: 'change of the score',
    lines: [{ name: 'score', points: curve }, { name: 'the gradient’s promise', dash: '6 4', points: [[-e, -e * g], [e, e * g]] }],
  });
}

/// For a large network: finite differences that the engine took of the picture’s strongest numbers.
function renderStoredTruth(body, chart) {
  element('truth-how').textContent = 'This network is too large to run in a page: the engine has run it, for the picture’s strongest numbers.';
  const table = numbers.header.differences;
  const row = table.find(r => state.id === 0 && r.index === state.pixel) || table[0];
  const wanted = 2 ** state.epsilon;
  const nearest = row.points.reduce((a, b) => Math.abs(Math.log(b.epsilon / wanted)) < Math.abs(Math.log(a.epsilon / wanted)) ? b : a);
  element('epsilon-text').textContent = `${shown(nearest.epsilon, 3)} grey levels (the nearest that is stored)`;
  body.innerHTML = `<p>Image, channel ${placeText(numbers.shapes[0], row.index)}:</p><table>` +
    `<tr><td>(s(x + ε) − s(x − ε)) / 2ε</td><td data-difference="${nearest.slope}">${shown(nearest.slope, 8)}</td></tr>` +
    `<tr><td>the gradient</td><td>${shown(row.gradient, 8)}</td></tr>` +
    `<tr><td>relative difference</td><td>${shown(Math.abs(nearest.slope - row.gradient) / Math.abs(row.gradient), 2)}</td></tr></table>` +
    '<p>' + table.map(r => `<button type="button" data-image="${r.index}">${placeText(numbers.shapes[0], r.index)}</button>`).join(' ') + '</p>';
  chart.innerHTML = lineChart({
    title: 'Difference against epsilon', x: 'log₂ ε', y: 'slope',
    lines: [{ name: 'finite difference', points: row.points.map(p => [Math.log2(p.epsilon), p.slope]) },
            { name: 'the gradient', dash: '6 4', points: row.points.map(p => [Math.log2(p.epsilon), row.gradient]) }],
  });
}

function renderFaith() {
  element('faith-what').textContent = `All of this section is of ${numbers.header.classes[numbers.header.target]}, whatever is chosen above.`;
  const f = numbers.header.faith, dashes = ['', '6 4', '2 3'];
  const lines = what => ruleNames.map((rule, n) => ({ name: rule, dash: dashes[n], points: what[rule].map((s, k) => [what.at[k], s]) }));
  const root = Math.sqrt(size(numbers.shapes[0]));
  element('step-chart').innerHTML = lineChart({
    title: 'Logit along a step', x: 'size of the step, grey levels a number (root mean square)', y: 'change of the logit',
    lines: lines({ ...f.step, at: f.step.at.map(length => length / root) }),
  });
  element('deletion-chart').innerHTML = lineChart({ title: 'Deletion', x: 'share of the pixels taken away', y: 'probability, strongest first', lines: lines(f.deletion), range: [0, 1] });
  element('insertion-chart').innerHTML = lineChart({ title: 'Insertion', x: 'share of the pixels put back', y: 'probability, strongest first', lines: lines(f.insertion), range: [0, 1] });
  element('step-table').innerHTML = '<table><tr><th></th><th>cosine with the gradient</th><th>opposite signs</th><th>logit rise</th></tr>' +
    ruleNames.map(rule => `<tr><td>${rule}</td><td>${shown(f.table[rule].cosine, 3)}</td><td>${percent(f.table[rule].opposite)}</td><td>${shown(f.table[rule].rise, 3)}</td></tr>`).join('') +
    `</table><p class="hint">Logit rise: after a step of ${shown(f.first / root, 2)} grey level a number, root mean square.</p>`;
}

/// The picture moved against its score, and by chance.
function renderAttack() {
  if (!numbers.attack) return;
  const delta = state.delta, a = numbers.attack(delta), names = numbers.header.classes, k = numbers.target;
  element('delta-text').textContent = `${delta} grey levels`;
  const row = (what, logits) => {
    const p = softmax(logits), best = p.indexOf(Math.max(...p));
    return `<tr><td>${what}</td><td>${shown(logits[k] - logits[a.other])}</td><td>${escaped(names[best])}, ${percent(p[best])}</td></tr>`;
  };
  element('fgsm-body').innerHTML = `<table><tr><th></th><th>margin: ${escaped(names[k])} less ${escaped(names[a.other])}</th><th>taken for</th></tr>` +
    row('the picture', numbers.logits) +
    `<tr><td>foretold: margin − δ·Σ|g|, Σ|g| = ${shown(a.sum, 3)}</td><td>${shown(a.margin - delta * a.sum)}</td><td></td></tr>` +
    row('moved against the margin', a.against) + row('moved by random signs', a.random) + '</table>';
}

const roomWidth = 18;

function renderRooms() {
  const step = roomWidth, height = 86, line = 30, kinds = [...new Set(['image', ...numbers.nodes.map(n => n.kind)])];
  const hue = kind => `hsl(${Math.round(360 * kinds.indexOf(kind) / kinds.length)} 45% 55%)`;
  let svg = '';
  numbers.nodes.forEach((node, k) => node.inputs.forEach(input => {
    const [a, b] = [(input + 0.5) * step, (k + 1.5) * step];
    if (k + 1 - input > 1)
      svg += `<path d="M${a} ${line + 9} C${a} ${height} ${b} ${height} ${b} ${line + 9}" fill="none" stroke="var(--soft)" stroke-width="1.5"/>`;
    else svg += `<line x1="${a}" x2="${b}" y1="${line}" y2="${line}" stroke="var(--line)" stroke-width="3"/>`;
  }));
  numbers.shapes.forEach((shape, id) => {
    const kind = id ? numbers.nodes[id - 1].kind : 'image', tall = 8 + 2.2 * Math.log2(shape[1] * shape[2] + 1);
    svg += `<rect data-id="${id}" x="${id * step + 3}" y="${line - tall / 2}" width="${step - 6}" height="${tall}" rx="2" fill="${hue(kind)}" stroke="var(--ink)" stroke-width="0.5"><title>${escaped(numbers.nameOf(id))}, ${kind}</title></rect>`;
  });
  const rooms = element('rooms');
  rooms.setAttribute('width', numbers.shapes.length * step);
  rooms.setAttribute('height', numbers.nodes.some(n => n.kind === 'add') ? height : 2 * line);
  rooms.innerHTML = svg;
  element('kinds').innerHTML = kinds.map(kind => `<i style="background:${hue(kind)}"></i>${kind}`).join('');
}

function renderChannels() {
  const { vector } = layout(state.id), all = numbers.channels(state.id);
  if (!all.includes(state.channel)) state.channel = -1;
  element('channel').innerHTML = `<option value="-1">${vector ? 'all, a cell each' : 'the strongest of all'}</option>` +
    (vector ? '' : all.map(c => `<option value="${c}"${c === state.channel ? ' selected' : ''}>${c}</option>`).join(''));
}

/// What the lessons say of this picture.
function facts() {
  const relus = numbers.nodes.flatMap((n, k) => n.kind === 'relu' ? [numbers.reluCounts(k, 'gradient')] : []);
  const pools = numbers.nodes.flatMap((n, k) => n.kind === 'max_pool' ? [numbers.poolCounts(k)] : []);
  const p = softmax(numbers.logits)[numbers.header.target], table = numbers.header.faith.table;
  const least = (list, name) => Math.min(...list.map(n => n[name])), most = (list, name) => Math.max(...list.map(n => n[name]));
  return {
    leastActive: least(relus, 'active'), mostActive: most(relus, 'active'),
    leastAgainst: least(relus, 'against'), mostAgainst: most(relus, 'against'),
    mostZero: pools.length ? most(pools, 'all_zero') : 0,
    name: numbers.header.classes[numbers.header.target], computed: numbers.header.mode === 'computed',
    guidedCosine: table.guided.cosine, guidedOpposite: table.guided.opposite,
    probability: p, softmaxFactor: p * (1 - p), pixels: size(numbers.shapes[0]), sum: numbers.header.faith.sum,
  };
}

function renderLessons() {
  if (numbers.header.mode === 'stored')
    element('lessons-what').textContent += ' Of each node this page holds one place spelled out: where that does not show what an answer speaks of, you are led to the node alone.';
  element('questions').innerHTML = questions(facts()).map((q, n) => {
    const there = q.find() !== null;
    return `<details><summary>${n + 1}. ${q.ask}</summary><p>${q.answer}</p><p>` +
      (there ? `<button type="button" data-question="${n}">Show me</button> ` : 'This network has no such node. ') +
      `<code>${q.command}</code></p></details>`;
  }).join('');
}

/// The place that the rule’s gradient is strongest at.
function strongestPlace(id) {
  const plane = cells(id, state.rule), { vector } = layout(id);
  let best = 0;
  plane.forEach((number, k) => { if (Math.abs(number) > Math.abs(plane[best])) best = k; });
  return vector ? best : indexAt(id, best);
}

/// The number in a cell: of the chosen channel, or of the one that is strongest there.
function indexAt(id, cell) {
  const { columns, vector } = layout(id), shape = numbers.shapes[id], pixels = shape[1] * shape[2];
  if (vector) return Math.min(cell, shape[0] - 1);
  if (state.channel >= 0) return state.channel * pixels + cell;
  let best = -1;
  for (const c of numbers.strongChannels ? numbers.strongChannels(id, cell) : numbers.channels(id)) {
    const g = numbers.gradient(state.rule, id, c * pixels + cell), before = best < 0 ? 0 : numbers.gradient(state.rule, id, best);
    if (best < 0 || Math.abs(g ?? 0) > Math.abs(before ?? 0)) best = c * pixels + cell;
  }
  return best;
}

let waiting;

function render() {
  renderRoom();
  renderNumber();
  clearTimeout(waiting);
  waiting = setTimeout(renderTruth, 150);  // it runs the network: not while a slider is dragged
}

/// Goes to a value. A marked number is followed: to the same place of the picture, or to the one that is named.
function goTo(id, index = null) {
  const from = state.id, was = state.pixel;
  state.id = Math.max(0, Math.min(numbers.shapes.length - 1, id));
  renderChannels();
  state.pixel = index;
  if (index === null && was !== null && from !== state.id) {
    const [, y, x] = place(numbers.shapes[from], was), old = numbers.shapes[from], { rows, columns, vector } = layout(state.id);
    state.pixel = vector || old[1] * old[2] === 1 ? strongestPlace(state.id)
      : indexAt(state.id, Math.floor((y + 0.5) / old[1] * rows) * columns + Math.floor((x + 0.5) / old[2] * columns));
  }
  render();
}

function listen() {
  element('step').addEventListener('input', event => goTo(Number(event.target.value)));
  element('rules').addEventListener('change', event => { state.rule = event.target.value; render(); });
  element('channel').addEventListener('change', event => { state.channel = Number(event.target.value); state.pixel = null; render(); });
  element('class').addEventListener('change', event => { numbers.target = Number(event.target.value); render(); renderAttack(); });
  element('score').addEventListener('change', event => { numbers.isProbability = event.target.value === 'probability'; render(); });
  element('delta').addEventListener('input', event => { state.delta = Number(event.target.value); renderAttack(); });
  element('epsilon').addEventListener('input', event => { state.epsilon = Number(event.target.value); renderTruth(); });
  element('rooms').addEventListener('click', event => {
    if (event.target.dataset.id !== undefined) goTo(Number(event.target.dataset.id));
  });
  for (const canvas of [element('value'), element('gradient')]) {
    canvas.addEventListener('click', event => {
      const { columns, rows } = layout(state.id), box = canvas.getBoundingClientRect();
      const x = Math.floor((event.clientX - box.left) / box.width * columns), y = Math.floor((event.clientY - box.top) / box.height * rows);
      state.pixel = indexAt(state.id, Math.max(0, Math.min(rows - 1, y)) * columns + Math.max(0, Math.min(columns - 1, x)));
      render();
    });
    canvas.addEventListener('keydown', event => {
      const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
      if (!(event.key in moves)) return;
      event.preventDefault();
      const { columns, rows } = layout(state.id);
      if (state.pixel === null) state.pixel = strongestPlace(state.id);
      else {
        const cell = markedCell(), [dy, dx] = moves[event.key];
        const y = Math.max(0, Math.min(rows - 1, Math.floor(cell / columns) + dy)), x = Math.max(0, Math.min(columns - 1, cell % columns + dx));
        state.pixel = indexAt(state.id, y * columns + x);
      }
      render();
    });
  }
  document.addEventListener('click', event => {
    const { question, image, go } = event.target.dataset;
    if (question !== undefined) {
      const q = questions(facts())[Number(question)], [id, index] = q.find();
      state.rule = q.rule;
      state.channel = -1;
      document.querySelector(`input[name=rule][value=${q.rule}]`).checked = true;
      goTo(id, index >= 0 ? index : null);
      element('room').scrollIntoView({ behavior: 'smooth' });
    }
    if (event.target.id === 'move-winners')
      element('moved-winners').textContent = numbers.movedWinners()
        .map((d, n) => `${ruleNames[n]} moves by ${d === 0 ? 'exactly 0' : percent(d)}`).join(', ') + '.';
    if (image !== undefined) goTo(0, Number(image));
    if (go !== undefined) {
      goTo(...go.split(',').map(Number));
      element('number').scrollIntoView({ block: 'nearest' });
    }
  });
}

async function start() {
  if (typeof DecompressionStream === 'undefined') {
    element('unsupported').hidden = false;
    return;
  }
  const header = await unpack(element('data').textContent);
  numbers = header.mode === 'computed' ? new ComputedNumbers(header) : new StoredNumbers(header);
  element('page').hidden = false;
  const p = softmax(numbers.logits), k = header.target;
  element('lead').textContent = `${header.picture}: ${header.classes[k]}, ${percent(p[k])}. How the score got there, and how its gradient comes back to the pixels.`;
  element('facts').textContent = header.mode === 'computed'
    ? `${header.architecture}, ${numbers.nodes.length} nodes. This page holds the network’s weights and computes every number itself, in float64; nothing is sent anywhere.`
    : `${header.architecture}, ${numbers.nodes.length} nodes. All its values are too many for a page: ${header.left_out}`;
  element('step').max = numbers.nodes.length;
  if (header.mode === 'computed')
    element('class').innerHTML = header.classes.map((name, c) => `<option value="${c}"${c === k ? ' selected' : ''}>${escaped(name)}</option>`).join('');
  else document.querySelectorAll('.computed').forEach(part => { part.hidden = true; });
  renderRooms();
  listen();
  goTo(0);
  renderFaith();
  renderAttack();
  renderLessons();
  if (header.mode === 'computed') {
    const distance = numbers.distance();
    element('check').textContent = `Every node’s values and gradients by all three rules were held against the engine’s in float64: the norms agree to ${distance.toExponential(1)}.`;
    element('check').dataset.distance = distance;
  } else element('check').textContent = `The numbers are the engine’s, in float32: ${header.precision}`;
  document.body.dataset.ready = 'yes';
}
start();
