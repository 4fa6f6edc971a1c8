"""A picture of ratios: a bar for the median, dots for the pairs, a line at 1."""

from __future__ import annotations

import statistics

WIDTH, LEFT, ROW, SCALE_END = 760, 250, 26, 700


def draw(title: str, rows: list[tuple[str, list[float]]]) -> str:
    """The SVG of how many times as fast Backlight is, row by row."""
    most = max(1.5, *(max(ratios) for _, ratios in rows)) * 1.05 if rows else 1.5

    def x(ratio: float) -> float:
        return LEFT + (SCALE_END - LEFT) * ratio / most

    height = 70 + ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
        'font-size="13">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="22" font-size="14" fill="#222">PyTorch\'s time over Backlight\'s: {title}</text>',
    ]
    for i, (name, ratios) in enumerate(rows):
        y = 40 + ROW * i
        median = statistics.median(ratios)
        colour = "#2a78b8" if median >= 1 else "#c2542d"
        parts.append(f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end" fill="#222">{name}</text>')
        parts.append(
            f'<rect x="{LEFT}" y="{y + 2}" width="{x(median) - LEFT:.1f}" height="16" fill="{colour}"/>'
        )
        parts += [f'<circle cx="{x(r):.1f}" cy="{y + 10}" r="2.5" fill="#222"/>' for r in ratios]
        parts.append(f'<text x="{x(max(ratios)) + 8:.1f}" y="{y + 14}" fill="#222">{median:.2f}</text>')
    end = 40 + ROW * len(rows)
    parts.append(
        f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="34" y2="{end}" stroke="#222" stroke-dasharray="3 3"/>'
    )
    parts.append(f'<text x="{x(1):.1f}" y="{end + 16}" text-anchor="middle" fill="#222">as fast</text>')
    return "\n".join(parts + ["</svg>", ""])
