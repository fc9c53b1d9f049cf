"""How people write amounts on the command line: ``N`` or ``P%``, and times such as ``30m``."""

import re
from dataclasses import dataclass

_SHARE = re.compile(r"(\d+)\s*(%?)", re.ASCII)
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Share:
    """A number of things, or a percentage of all of them."""

    number: int
    percent: bool

    def down(self, total: int) -> int:
        """How many of ``total``; a percentage is rounded down."""
        return total * self.number // 100 if self.percent else self.number

    def up(self, total: int) -> int:
        """How many of ``total``; a percentage is rounded up."""
        return -(-total * self.number // 100) if self.percent else self.number


def share(text: str) -> Share | None:
    """``20`` or ``25%``; None for anything else, and for more than 100 %."""
    match = _SHARE.fullmatch(text.strip())
    if not match:
        return None
    found = Share(int(match[1]), bool(match[2]))
    return None if found.percent and found.number > 100 else found


def seconds(text: str) -> float | None:
    """``90``, ``90s``, ``30m``, ``24h``, ``2d`` in seconds; None for anything else."""
    match = _TIME.fullmatch(text.strip())
    return float(match[1]) * _SECONDS[match[2]] if match else None
