"""``manual``: a person does it, by a runbook. It never refuses, and comes last. Pure."""

from collections.abc import Sequence

from migrate.planner.offers.base import Offer, Refusal


def offer(refusals: Sequence[Refusal], asked: str = "") -> Offer:
    """``refusals``: of the drivers that were asked before; none was where a person asked for it.

    The last of them says why it is left to a person: it is of the driver that needs least.
    ``asked``: the driver that refused last, where a person asked for it.
    """
    if not refusals:
        return Offer("it was asked for (--driver)")
    last = refusals[-1]
    reason = f"--driver {asked} was asked for, and {last.reason}" if asked else last.reason
    return Offer(reason, last.possible, by_hand=last.by_hand)
