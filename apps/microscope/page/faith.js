// What the maps are good for: steps along them, pixels taken away, and the step that fools.
'use strict';

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
