// Ten questions, each with an answer, a place in the walk where it can be seen, and a command.
'use strict';

const percent = share => {
  const digits = share > 0.995 && share < 1 ? 3 : share < 0.0995 ? 1 : 0;
  return `${(100 * share).toFixed(digits)} %`;
};

/// The number of a value that comes first by `rank`, of those that the page can spell out and that are not NaN.
function bestOf(id, rank) {
  let best = -1, most = -Infinity;
  for (const index of numbers.spelledOut(id)) {
    const r = rank(index);
    if (r > most) [best, most] = [index, r];
  }
  return best;
}

/// The first node of a kind; −1: there is none.
const nodeOf = (kind, test = () => true) => numbers.nodes.findIndex(node => node.kind === kind && test(node));
const g = (rule, id, index) => numbers.gradient(rule, id, index) ?? NaN;
const x = (id, index) => numbers.value(id, index) ?? NaN;
const strongestOf = (rule, id) => bestOf(id, index => Math.abs(g(rule, id, index)));

/// How many taps of a 3×3 kernel of stride 2 and padding 1 read each pixel of a corner.
function tapTable() {
  const readers = at => [0, 1, 2].filter(tap => (at + 1 - tap) % 2 === 0).length;
  let rows = '';
  for (let y = 2; y < 8; y++) {
    rows += '<tr>';
    for (let u = 2; u < 8; u++) {
      const count = readers(y) * readers(u), [r, green, b] = colourOf(count / 6);
      rows += `<td style="background:rgb(${r},${green},${b});color:#23211d">${count}</td>`;
    }
    rows += '</tr>';
  }
  return `<table class="taps">${rows}</table>`;
}

/// facts: what is true of this picture. find: the value to look at and a number of it that shows what is said, or
/// nothing where the network has no such node. The number is −1 where none that the page holds does.
const questions = facts => [
  {
    ask: 'What does a ReLU keep for the way back?',
    answer: `One bit per unit: whether its input was above 0. Nothing else of the forward pass is needed. In this picture between ${percent(facts.leastActive)} and ${percent(facts.mostActive)} of a ReLU’s bits are set. Where the bit is 0 the true gradient stops: at the place shown, the strongest that does.`,
    rule: 'gradient', command: 'backlight inspect PICTURE',
    find: () => {
      const id = nodeOf('relu') + 1;
      return [id, bestOf(id, i => x(id, i) === 0 ? Math.abs(g('gradient', id, i)) : NaN)];
    },
  },
  {
    ask: 'Where does a max pool’s gradient go where several numbers are the maximum?',
    answer: `To the first of them, row by row. Up to ${percent(facts.mostZero)} of this picture’s windows hold nothing but zeros. There the ReLU before the pool was off, so that its mask kills whatever lands: which of the zeros wins makes no difference to gradient and guided. Deconvnet asks no mask: at the place shown, a zero that won, it lets pass what comes.${facts.computed && facts.mostZero > 0 ? ' <button type="button" id="move-winners">Let the last zero win</button> <output id="moved-winners"></output>' : ''}`,
    rule: 'deconvnet', command: 'backlight inspect PICTURE --node pool1',
    find: () => {
      const k = nodeOf('max_pool');
      if (k < 0) return null;
      const id = numbers.nodes[k].inputs[0];
      return [id, bestOf(id, i => x(id, i) === 0 ? g('deconvnet', id, i) : NaN)];
    },
  },
  {
    ask: 'What is a strided convolution backwards, and where does the checkerboard come from?',
    answer: 'The adjoint: each input pixel gathers from the outputs that read it, with the same weights. With a 3×3 kernel and stride 2 a pixel in the interior is read by 1, 2, 2 or 4 taps, by the parity of its row and column. So the gradient is stronger on one of four grids: a checkerboard that says nothing of the picture. The network that ships with Backlight has no strided convolution for that reason.' + tapTable(),
    rule: 'gradient', command: 'backlight info',
    find: () => {
      const k = nodeOf('conv', node => node.stride[0] > 1);
      if (k < 0) return null;
      const id = numbers.nodes[k].inputs[0];
      return [id, strongestOf('gradient', id)];
    },
  },
  {
    ask: 'Why is the image’s gradient not the weights’ gradient, and what is saved by not asking for that?',
    answer: 'Both come from the same walk. A convolution sends back to its input Σ w·g, as spelled out at the place shown, and to its weights Σ x·g. For a picture only the first is needed: no weight gradient is computed, and no activation has to be kept for one, only the bits of the ReLUs and the winners of the pools.',
    rule: 'gradient', command: 'backlight profile; backlight profile --backward parameters',
    find: () => {
      const id = numbers.nodes[nodeOf('conv')].inputs[0];
      return [id, strongestOf('gradient', id)];
    },
  },
  {
    ask: 'Why is guided backpropagation not a gradient, and where does it depart?',
    answer: `It drops every negative gradient at every ReLU, also where the unit was active: there the true gradient goes on, as at the place shown. Of the active units of a ReLU between ${percent(facts.leastAgainst)} and ${percent(facts.mostAgainst)} get a negative true gradient here. At the pixels its cosine with the gradient is ${facts.guidedCosine.toFixed(2)}, and ${percent(facts.guidedOpposite)} of its signs are opposite. It is the derivative of nothing.`,
    rule: 'guided', command: 'backlight inspect PICTURE --rule guided',
    find: () => {
      const id = nodeOf('relu') + 1;
      return [id, bestOf(id, i => x(id, i) > 0 ? -g('guided', id, i) : NaN)];
    },
  },
  {
    ask: 'What is left of batch normalisation on the way back?',
    answer: 'In inference its mean and variance are constants, so it is one factor per channel, γ/√(σ² + a tiny number): see what it sends to the place shown. Commands fold it into the convolution before it; then it does not run at all.',
    rule: 'gradient', command: 'backlight info --folded',
    find: () => {
      const k = nodeOf('batchnorm');
      if (k < 0) return null;
      const id = numbers.nodes[k].inputs[0];
      return [id, strongestOf('gradient', id)];
    },
  },
  {
    ask: 'What happens at a residual join, and at the fork before it?',
    answer: 'The join adds, so that it sends the same gradient to both of its summands. At the fork, shown here, the gradients that come back are added: the straight way is why a gradient reaches the first layers undiminished.',
    rule: 'gradient', command: 'backlight microscope PICTURE --weights resnet18.h5',
    find: () => {
      const id = numbers.consumers.findIndex(readers => readers.length > 1);
      return id < 0 ? null : [id, strongestOf('gradient', id)];
    },
  },
  {
    ask: 'Why do two correct float32 programs differ by a thousandth?',
    answer: 'Not by rounding alone, which is about 10⁻⁷. An input of a ReLU that is nearly 0, as the one shown, comes out on the other side, and all that passes there is lost or won. With the signs held, the two agree to rounding again; the command says so.',
    rule: 'gradient', command: 'backlight gradient PICTURE --against ref',
    find: () => {
      const k = nodeOf('relu'), id = numbers.nodes[k].inputs[0], out = k + 1;
      const least = 0.1 * Math.abs(g('gradient', out, strongestOf('gradient', out)));
      return [id, bestOf(id, i => Math.abs(g('gradient', out, i)) > least ? -Math.abs(x(id, i)) : NaN)];
    },
  },
  {
    ask: 'The gradient of the logit, or of the probability?',
    answer: `p = softmax(s) has the gradient p·(1 − p) in its own logit, and where the network is sure that vanishes. Here p of ${facts.name} is ${facts.probability.toFixed(6)} and the factor ${facts.softmaxFactor.toExponential(1)}: nearly the same direction, and tiny. That is why maps are made of the logit.${facts.computed ? ' Choose “probability” above and compare the pictures of the image: the scale below them, not the pattern.' : ''}`,
    rule: 'gradient', command: 'backlight gradient PICTURE --objective softmax',
    find: () => [numbers.nodes.length, numbers.target],
  },
  {
    ask: 'Why is such a small step enough for FGSM?',
    answer: `Each of ${facts.pixels} numbers moves by δ only, but every one in the direction that hurts, so the logit falls by δ·Σ|g| at first. Here Σ|g| is ${facts.sum.toPrecision(3)} per grey level, of which the pixel shown has its |g|. Random signs of the same size cancel.${facts.computed ? ' The section above tries both.' : ''}`,
    rule: 'gradient', command: 'backlight fgsm PICTURE --search',
    find: () => [0, strongestOf('gradient', 0)],
  },
];
