// The page itself: what is looked at, and what is shown of it.
'use strict';

const element = id => document.getElementById(id);
const escaped = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));
const shown = (number, digits = 4) =>
  number === undefined ? 'not stored' : (number === 0 ? '0' : Number(number.toPrecision(digits)).toString()).replace('-', '−').replace('e−', 'e−');

let numbers;
const state = { id: 0, rule: 'gradient', channel: -1, pixel: null, epsilon: -10, delta: 2 };  // pixel: an index of value id

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
  for (const c of numbers.channels(id)) {
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
