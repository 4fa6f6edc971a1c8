// One number of a room, and whether its gradient is true.
'use strict';

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
    const { terms, added } = forwardTerms(numbers, id - 1, index);
    html += termTable(`Forward: how ${escaped(node.name)} made ${shown(value)}.`, terms, added);
  }
  if (numbers.consumers[id].length === 0) {
    const p = softmax(numbers.logits), k = numbers.target;
    html += `<p><b>Back: here it starts.</b> The gradient of the logit is 1 at its class and 0 elsewhere. That of the probability would be p·([j = k] − p<sub>j</sub>): ` +
      `${shown(p[k] * ((index === k) - p[index]), 3)} here, as p of ${escaped(numbers.header.classes[k])} is ${shown(p[k], 6)}. The surer the network, the less is left of it.</p>`;
  }
  for (const k of numbers.consumers[id])
    html += termTable(`Back, by ${state.rule}: what ${escaped(numbers.nodes[k].name)} sends here.`,
                      backwardTerms(numbers, k, id, index, state.rule));
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
