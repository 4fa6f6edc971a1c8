// Planes of numbers as pixels, and curves.
'use strict';

/// "RdBu", the diverging scheme of Cynthia Brewer (colorbrewer2.org, Apache 2.0), as apps/drawing/map.cpp.
const blueWhiteRed = [0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d,
                      0xb2182b, 0x67001f].map(rgb => [rgb >> 16, rgb >> 8 & 255, rgb & 255]);

/// The colour of a number from −1 (blue) to 1 (red).
function colourOf(number) {
  const position = Math.min(1, Math.max(0, 0.5 + number / 2)) * (blueWhiteRed.length - 1);
  const low = Math.min(Math.floor(position), blueWhiteRed.length - 2), share = position - low;
  return blueWhiteRed[low].map((level, c) => level * (1 - share) + blueWhiteRed[low + 1][c] * share);
}

/// Draws cells (row-major, `columns` a row) with numbers / scale as colours, and a frame around one.
function drawPlane(canvas, plane, columns, scale, marked) {
  const rows = plane.length / columns;
  const zoom = Math.max(1, Math.floor(480 / Math.max(rows, columns)));
  canvas.width = columns * zoom;
  canvas.height = rows * zoom;
  const context = canvas.getContext('2d'), small = new ImageData(columns, rows);
  plane.forEach((number, k) => small.data.set([...(Array.isArray(number) ? number : colourOf(scale > 0 ? number / scale : 0)), 255], 4 * k));
  const image = document.createElement('canvas');
  image.width = columns;
  image.height = rows;
  image.getContext('2d').putImageData(small, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  if (marked === undefined || marked < 0) return;
  const x = marked % columns * zoom, y = Math.floor(marked / columns) * zoom, out = Math.max(1, 5 - zoom);
  context.lineWidth = 2;
  for (const [colour, grow] of [['#ffffff', 3], ['#000000', 1]]) {
    context.strokeStyle = colour;
    context.strokeRect(x - out - grow + 1, y - out - grow + 1, zoom + 2 * (out + grow) - 2, zoom + 2 * (out + grow) - 2);
  }
}

/// A line chart as SVG: lines {name, dash, points: [[x, y] …]}.
function lineChart({ title, x, y, lines, range }) {
  const width = 440, height = 260, left = 58, right = 12, top = 26, bottom = 44;
  const xs = lines.flatMap(l => l.points.map(p => p[0])), ys = lines.flatMap(l => l.points.map(p => p[1]));
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  let [y0, y1] = range || [Math.min(...ys), Math.max(...ys)];
  if (y1 === y0) [y0, y1] = [y0 - 1, y1 + 1];
  const px = v => left + (v - x0) / (x1 - x0 || 1) * (width - left - right);
  const py = v => height - bottom - (v - y0) / (y1 - y0) * (height - top - bottom);
  const colours = ['var(--first)', 'var(--second)', 'var(--third)', 'var(--soft)'];
  const number = v => (v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(1) : Number(v.toPrecision(3)).toString()).replace(/-/g, '−');
  let svg = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ` +
    lines.map(l => `${l.name} ends at ${number(l.points[l.points.length - 1][1])}`).join(', ') + '">';
  for (const v of [y0, (y0 + y1) / 2, y1])
    svg += `<line x1="${left}" x2="${width - right}" y1="${py(v)}" y2="${py(v)}" stroke="var(--line)"/>` +
      `<text x="${left - 6}" y="${py(v) + 4}" text-anchor="end">${number(v)}</text>`;
  for (const v of [x0, (x0 + x1) / 2, x1])
    svg += `<text x="${px(v)}" y="${height - bottom + 16}" text-anchor="middle">${number(v)}</text>`;
  svg += `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${x}</text>` +
    `<text x="${left}" y="14">${y}</text>`;
  lines.forEach((line, n) => {
    const path = line.points.map((p, k) => `${k ? 'L' : 'M'}${px(p[0]).toFixed(1)} ${py(p[1]).toFixed(1)}`).join('');
    svg += `<path d="${path}" fill="none" stroke="${colours[n % 4]}" stroke-width="2" stroke-dasharray="${line.dash || ''}"/>`;
  });
  return svg + '</svg><p class="key">' + lines.map((l, n) =>
    `<i style="background:${colours[n % 4]}"></i>${l.name}`).join('') + '</p>';
}
