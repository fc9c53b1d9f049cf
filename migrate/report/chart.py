"""A line of numbers over time, for a terminal and for a page. Made from numbers alone."""

from html import escape

from migrate.model.text import visible

BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _PAD = 640, 160, 26


def spark(values: tuple[int, ...], most: int = 60) -> str:
    """One sign a value, the tallest for the greatest, none taller than another of its value; of
    more than ``most`` values every so manieth, and the last."""
    if len(values) > most:
        step = (len(values) - 1) / (most - 1)
        values = tuple(values[round(i * step)] for i in range(most))
    top = max(values, default=0)
    if top <= 0:
        return BLOCKS[0] * len(values)
    return "".join(BLOCKS[-(-value * (len(BLOCKS) - 1) // top)] for value in values)


def svg(title: str, values: tuple[int, ...], first: str, last: str) -> str:
    """The same as a picture; ``first`` and ``last`` stand below its ends. It loads nothing, and
    its ink is the page's."""
    top = max(*values, 1)
    across = (_WIDTH - 2 * _PAD) / max(len(values) - 1, 1)
    down = (_HEIGHT - 2 * _PAD) / top
    points = " ".join(
        f"{_PAD + i * across:.1f},{_HEIGHT - _PAD - value * down:.1f}"
        for i, value in enumerate(values)
    )
    base = _HEIGHT - _PAD
    end = points.rpartition(" ")[2].split(",")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{_text(title)}" font-size="12" fill="currentColor">'
        f"<title>{_text(title)}</title>"
        f'<path d="M{_PAD} {_PAD}V{base}H{_WIDTH - _PAD}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.4"/>'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="4"/>'
        f'<text x="{_PAD}" y="{_PAD - 8}">{top}</text>'
        f'<text x="{_PAD}" y="{_HEIGHT - 8}">{_text(first)}</text>'
        f'<text x="{_WIDTH - _PAD}" y="{_HEIGHT - 8}" text-anchor="end">{_text(last)}</text>'
        "</svg>"
    )


def _text(text: str) -> str:
    return escape(visible(text), quote=True)
