// Where the page's numbers come from: computed here for a small network, stored by the engine for a large one.
'use strict';

const ruleNames = ['gradient', 'guided', 'deconvnet'];

/// What both have in common. Value 0 is the image, and node k makes value k + 1.
class Numbers {
  constructor(header) {
    this.header = header;
    this.nodes = header.nodes;
    this.shapes = [header.image_shape, ...header.nodes.map(node => node.shape)];
    this.consumers = this.shapes.map(() => []);
    this.nodes.forEach((node, k) => node.inputs.forEach(id => this.consumers[id].push(k)));
  }
  nameOf(id) { return id === 0 ? 'image' : this.nodes[id - 1].name; }
  /// The plane of one channel, or for channel −1 of each pixel the largest of all in size, with its sign.
  /// Of each pixel of a ReLU, the share of its channels that are active; of one channel its mask.
  maskPlane(k, channel) {
    const [channels, height, width] = this.nodes[k].shape, pixels = height * width;
    const plane = new Float64Array(pixels), first = Math.max(channel, 0), end = channel < 0 ? channels : channel + 1;
    for (let c = first; c < end; c++)
      for (let p = 0; p < pixels; p++) if (this.isActive(k, c * pixels + p)) plane[p] += 1 / (end - first);
    return plane;
  }
  planeOf(numbers, shape, channel) {
    const pixels = shape[1] * shape[2];
    if (channel >= 0) return numbers.subarray(channel * pixels, (channel + 1) * pixels);
    const plane = Float64Array.from(numbers.subarray(0, pixels));
    for (let k = pixels; k < numbers.length; k++)
      if (Math.abs(numbers[k]) > Math.abs(plane[k % pixels])) plane[k % pixels] = numbers[k];
    return plane;
  }
}

/// A small network: all of it, in float64.
class ComputedNumbers extends Numbers {
  constructor(header) {
    super(header);
    for (const node of this.nodes) {
      const parameters = {};
      for (const [name, where] of Object.entries(node.parameters)) parameters[name] = header.array(where);
      node.parameters = parameters;
    }
    this.network = new ComputedNetwork(this.nodes, header.image_shape);
    this.image = Float64Array.from(header.array(header.image));
    this.values = this.network.forward(this.image);
    this.target = header.target;
    this.isProbability = false;  // the score: of the class the logit, or the probability
    this.cache = new Map();
  }
  /// The score of some logits, and its gradient at them.
  score(logits) { return this.isProbability ? softmax(logits)[this.target] : logits[this.target]; }
  seed() {
    const p = softmax(this.logits), k = this.target;
    return p.map((share, j) => this.isProbability ? p[k] * ((j === k) - share) : Number(j === k));
  }
  get logits() { return this.values[this.values.length - 1]; }
  gradients(rule) {
    const key = `${this.target} ${this.isProbability} ${rule}`;
    if (!this.cache.has(key)) {
      if (this.cache.size > 6) this.cache.clear();
      this.cache.set(key, this.network.backward(this.values, this.seed(), rule));
    }
    return this.cache.get(key);
  }
  value(id, index) { return this.values[id][index]; }
  gradient(rule, id, index) { return this.gradients(rule)[id][index]; }
  weight(k, name, index) { return this.nodes[k].parameters[name][index]; }
  factors(k, c) { return batchnormFactors(this.nodes[k], c); }
  spelledOut(id) { return Array(size(this.shapes[id])).keys(); }
  channels(id) { return Array.from({ length: this.shapes[id][0] }, (_, c) => c); }
  plane(id, what, channel) {
    return this.planeOf(what === 'value' ? this.values[id] : this.gradients(what)[id], this.shapes[id], channel);
  }
  scale(id, what) {
    const largest = numbers => numbers.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    if (what === 'value') return largest(this.values[id]);
    return Math.max(...ruleNames.map(rule => largest(this.gradients(rule)[id])));
  }
  isActive(k, index) { return this.values[k + 1][index] > 0; }
  /// Shares of a ReLU's units: active, and killed on the way back by a rule.
  reluCounts(k, rule) {
    const y = this.values[k + 1], g = this.gradients(rule)[k + 1];
    const counts = { active: 0, against: 0, mask: 0, sign: 0, both: 0 };
    for (let i = 0; i < y.length; i++) {
      if (y[i] > 0) counts.active++;
      if (y[i] > 0 && g[i] < 0) counts.against++;
      const dead = !(y[i] > 0) && rule !== 'deconvnet', opposed = g[i] < 0 && rule !== 'gradient';
      if (g[i] === 0) continue;
      if (dead && opposed) counts.both++;
      else if (dead) counts.mask++;
      else if (opposed) counts.sign++;
    }
    counts.against /= Math.max(1, counts.active);
    for (const name of ['active', 'mask', 'sign', 'both']) counts[name] /= y.length;
    return counts;
  }
  poolCounts(k) {
    const node = this.nodes[k], x = this.values[node.inputs[0]], i = this.shapes[node.inputs[0]];
    let zero = 0, tied = 0;
    forEachPixel(node.shape, (c, v, u) => {
      const all = poolWindow(node, i, c, v, u).map(at => x[at]);
      if (all.every(n => n === 0)) zero++;
      if (all.filter(n => n === Math.max(...all)).length > 1) tied++;
    });
    return { all_zero: zero / size(node.shape), tied: tied / size(node.shape) };
  }
  /// The score with one number moved, and which signs and winners that changes against the picture as it is.
  moved(id, index, by) {
    const values = this.values.slice();
    values[id] = Float64Array.from(values[id]);
    values[id][index] += by;
    const changed = new Set([id]);
    let signs = 0, winners = 0;
    this.nodes.forEach((node, k) => {
      if (!node.inputs.some(input => changed.has(input))) return;
      const y = new Float64Array(size(node.shape)), shapes = node.inputs.map(i => this.shapes[i]);
      operations[node.kind].forward(node, node.inputs.map(i => values[i]), y, shapes, node.shape);
      if (node.kind === 'relu') y.forEach((v, i) => { signs += (v > 0) !== (this.values[k + 1][i] > 0); });
      if (node.kind === 'max_pool')
        forEachPixel(node.shape, (c, v, u) => {
          const [a, b] = [values, this.values].map(all => winner(node, all[node.inputs[0]], shapes[0], c, v, u).index);
          winners += a !== b;
        });
      values[k + 1] = y;
      changed.add(k + 1);
    });
    return { score: this.score(values[values.length - 1]), signs, winners };
  }
  /// How far the image's gradient moves, by each rule, if in every window of nothing but zeros the last of them won.
  movedWinners() {
    const distance = (a, b) => Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / a.reduce((sum, v) => sum + v * v, 0));
    return ruleNames.map(rule =>
      distance(this.gradients(rule)[0], this.network.backward(this.values, this.seed(), rule, true)[0]));
  }
  /// The logits of a picture moved by `delta` against the margin, and by random signs; and what is foretold.
  attack(delta) {
    const k = this.target, others = Array.from(this.logits, (s, j) => j === k ? -Infinity : s);
    const j = others.indexOf(Math.max(...others)), seed = new Float64Array(this.logits.length);
    seed[k] = 1;
    seed[j] = -1;
    const g = this.network.backward(this.values, seed, 'gradient')[0];
    const moved = sign => this.network.forward(this.image.map((level, i) => Math.min(255, Math.max(0, level + delta * sign(i))))).pop();
    let state = 1;  // Park & Miller 1988
    const random = () => (state = state * 48271 % 2147483647) % 2 ? 1 : -1;
    return { other: j, margin: this.logits[k] - this.logits[j], sum: g.reduce((sum, v) => sum + Math.abs(v), 0),
             against: moved(i => -Math.sign(g[i])), random: moved(random) };
  }
  /// How far what is computed here is from what the engine computed in float64: the largest relative distance
  /// of a node's norms.
  distance() {
    let worst = 0;
    const compare = (mine, theirs) => { worst = Math.max(worst, Math.abs(mine - theirs) / Math.max(Math.abs(theirs), 1e-300)); };
    const norm = numbers => Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0));
    const { target, isProbability } = this;
    this.target = this.header.target;
    this.isProbability = false;
    this.header.check.forEach((row, id) => {
      if (row.value > 0) compare(norm(this.values[id]), row.value);
      for (const rule of ruleNames)
        if (row[rule] > 0) compare(norm(this.gradients(rule)[id]), row[rule]);
    });
    Object.assign(this, { target, isProbability });
    return worst;
  }
}

/// A large network: of each value a plane, some channels, and the numbers that spell some pixels out.
class StoredNumbers extends Numbers {
  constructor(header) {
    super(header);
    this.target = header.target;
    this.logits = header.logits;
    this.known = {};  // by "value 3", "guided 3", "weight 2 weight": Map of index to number
    for (const [key, { indices, numbers }] of Object.entries(header.known)) {
      const at = header.array(indices), what = header.array(numbers);
      this.known[key] = new Map(Array.from(at, (index, n) => [index, what[n]]));
    }
    this.image = header.array(header.image);
    this.planes = new Map();
  }
  /// The place where its gradient is strongest.
  spelledOut(id) {
    let best = -1, most = -1;
    for (const [index, g] of this.known[`gradient ${id}`] || [])
      if (Math.abs(g) > most) [best, most] = [index, Math.abs(g)];
    return best < 0 ? [] : [best];
  }
  stored(id, what, index) {
    const found = this.known[`${what} ${id}`]?.get(index);
    if (found !== undefined) return found;
    const [c, y, x] = place(this.shapes[id], index), plane = this.channelPlane(id, what, c);
    return plane ? plane[y * this.shapes[id][2] + x] : undefined;
  }
  value(id, index) { return id === 0 ? this.image[index] : this.stored(id, 'value', index); }
  gradient(rule, id, index) { return this.stored(id, rule, index); }
  weight(k, name, index) { return this.known[`${name} ${k}`]?.get(index); }
  factors(k, c) { return [this.weight(k, 'factor', c), this.weight(k, 'shift', c)]; }
  channels(id) { return id === 0 ? [0, 1, 2] : this.header.values[id].channels.map(c => c.channel); }
  channelPlane(id, what, channel) {
    if (id === 0 && what === 'value') return this.planeOf(this.image, this.shapes[0], channel);
    const key = `${what} ${id} ${channel}`;
    if (!this.planes.has(key)) {
      const found = this.header.values[id].channels.find(c => c.channel === channel);
      this.planes.set(key, found && this.header.array(found[what]));
    }
    return this.planes.get(key);
  }
  plane(id, what, channel) {
    if (channel >= 0) return this.channelPlane(id, what, channel);
    if (id === 0 && what === 'value') return this.planeOf(this.image, this.shapes[0], -1);
    const { plane, scale } = this.header.values[id][what];
    return Float64Array.from(this.header.array(plane), level => level * scale / 127);
  }
  scale(id, what) {
    if (id === 0 && what === 'value') return 255;
    const of = this.header.values[id];
    return what === 'value' ? of.value.scale : Math.max(...ruleNames.map(rule => of[rule].scale));
  }
  isActive(k, index) {
    const key = `mask ${k}`;
    if (!this.planes.has(key)) this.planes.set(key, this.header.array(this.nodes[k].mask));
    return (this.planes.get(key)[index >> 3] >> (index & 7) & 1) === 1;
  }
  reluCounts(k, rule) { return this.nodes[k].counts[rule]; }
  poolCounts(k) { return this.nodes[k].counts; }
}
