// Ten questions, each with an answer, a place in the walk where it can be seen, and a command.
'use strict';

const percent = share => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/// facts: what is true of this picture. show: the kind of node to look at, and by which rule.
const questions = facts => [
  {
    ask: 'What does a ReLU keep for the way back?',
    answer: `One bit per unit: whether its input was above 0. Nothing else of the forward pass is needed. In this picture between ${percent(facts.leastActive)} and ${percent(facts.mostActive)} of a ReLU’s bits are set. Where the bit is 0 the true gradient stops.`,
    show: { kind: 'relu', rule: 'gradient' }, command: 'backlight inspect PICTURE',
  },
  {
    ask: 'Where does a max pool’s gradient go where several numbers are the maximum?',
    answer: `To the first of them, row by row. Up to ${percent(facts.mostZero)} of this picture’s windows hold nothing but zeros. There the ReLU before the pool was off, so that its mask kills whatever lands: which of the zeros wins makes no difference to gradient and guided, and a difference to deconvnet, which asks no mask.`,
    show: { kind: 'max_pool', rule: 'deconvnet' }, command: 'backlight inspect PICTURE --node pool1',
  },
  {
    ask: 'What is a strided convolution backwards, and where does the checkerboard come from?',
    answer: 'The adjoint: each input pixel gathers from the outputs that read it, with the same weights. With a 3×3 kernel and stride 2 a pixel in the interior is read by 1, 2, 2 or 4 taps, by the parity of its row and column. So the gradient is stronger on one of four grids: a checkerboard that says nothing of the picture. The network that ships with Backlight has no strided convolution for that reason.',
    show: { kind: 'conv', rule: 'gradient', strided: true }, command: 'backlight info',
  },
  {
    ask: 'Why is the image’s gradient not the weights’ gradient, and what is saved by not asking for that?',
    answer: 'Both come from the same walk. A convolution sends back to its input Σ w·g, and to its weights Σ x·g. For a picture only the first is needed: no weight gradient is computed, and no activation has to be kept, only the bits of the ReLUs and the winners of the pools.',
    show: { kind: 'conv', rule: 'gradient' }, command: 'backlight profile; backlight profile --backward parameters',
  },
  {
    ask: 'Why is guided backpropagation not a gradient, and where does it depart?',
    answer: `It drops every negative gradient at every ReLU, also where the unit was active: there the true gradient goes on. Of the active units of a ReLU between ${percent(facts.leastAgainst)} and ${percent(facts.mostAgainst)} get a negative gradient here. At the pixels its cosine with the gradient is ${facts.guidedCosine.toFixed(2)}, and ${percent(facts.guidedOpposite)} of its signs are opposite. It is the derivative of nothing.`,
    show: { kind: 'relu', rule: 'guided' }, command: 'backlight inspect PICTURE --rule guided',
  },
  {
    ask: 'What is left of batch normalisation on the way back?',
    answer: 'In inference its mean and variance are constants, so it is one factor per channel, γ/√(σ² + ε). Commands fold it into the convolution before it; then it does not run at all.',
    show: { kind: 'batchnorm', rule: 'gradient' }, command: 'backlight info --folded',
  },
  {
    ask: 'What happens at a residual join, and at the fork before it?',
    answer: 'The join adds, so that it sends the same gradient to both of its summands. At the fork the two gradients that come back are added: the straight way is why a gradient reaches the first layers undiminished.',
    show: { kind: 'add', rule: 'gradient' }, command: 'backlight inspect PICTURE --weights resnet18.h5',
  },
  {
    ask: 'Why do two correct float32 programs differ by a thousandth?',
    answer: 'Not by rounding alone, which is about 10⁻⁷. An input of a ReLU that is nearly 0 comes out on the other side, and all that would have passed there does not. With the signs held, the two agree to rounding again.',
    show: { kind: 'relu', rule: 'gradient' }, command: 'backlight gradient PICTURE --against ref',
  },
  {
    ask: 'The gradient of the logit, or of the probability?',
    answer: `p = softmax(s) has the gradient p·(1 − p) in its own logit, and where the network is sure that vanishes. Here p is ${facts.probability.toFixed(6)} and the factor ${facts.softmaxFactor.toExponential(1)}: of the same direction nearly, and tiny. That is why maps are made of the logit.`,
    show: { kind: 'linear', rule: 'gradient' }, command: 'backlight gradient PICTURE --objective softmax',
  },
  {
    ask: 'Why is such a small step enough for FGSM?',
    answer: `Each of ${facts.pixels} numbers moves by ε only, but all of them in the direction that hurts, so the score moves by ε·Σ|g|. Here Σ|g| is ${facts.sum.toPrecision(3)} per grey level. Random signs of the same size cancel.`,
    show: { kind: 'image', rule: 'gradient' }, command: 'backlight fgsm PICTURE --search',
  },
];
