"""What every step of a plan says."""

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a step: an unknown field is refused, a missing one too."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """The smallest change that can be diffed, applied, verified and rolled back."""

    id: str
    """Stable within the plan: ``preflight/probe``, ``node/NAME``, ``close/KIND/ns/name/key``."""
    subject: str
    title: str
    """One line for a person."""
    fingerprint: dict[str, str] = {}
    """What the target looked like when it was planned, compared again before the change."""

    @property
    def kind(self) -> str:
        """``move-node``, ``manual``, ``remove-tcp-service`` ...: the step kind's name."""
        return kind_name(type(self))


def kind_name(of: type[Step]) -> str:
    """The name of a step kind in JSON."""
    return str(of.__struct_config__.tag)
