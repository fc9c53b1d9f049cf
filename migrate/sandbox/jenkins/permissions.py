"""Jenkins' permissions: their ids, and what implies what.

Source: headers X-Required-Permission and X-Permission-Implied-By of the recordings 40-*.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Permission:
    """One permission, named as people write it, with the id that Jenkins answers."""

    name: str
    id: str
    implied_by: tuple["Permission", ...] = ()
    generic: tuple[str, ...] = ()
    """Ids of ``hudson.security.Permission.*`` shown between this and what implies it."""

    def held_by(self, granted: frozenset[str]) -> bool:
        """Whether a user with these permission names holds it, also by implication."""
        return self.name in granted or any(p.held_by(granted) for p in self.implied_by)

    def implied_by_ids(self) -> tuple[str, ...]:
        """Values of X-Permission-Implied-By, in the order in which Jenkins lists them."""
        inner = (id_ for p in self.implied_by for id_ in (p.id, *p.implied_by_ids()))
        return tuple(dict.fromkeys((*self.generic, *inner)))


ADMINISTER = Permission("Overall/Administer", "hudson.model.Hudson.Administer")
READ = Permission(
    "Overall/Read",
    "hudson.model.Hudson.Read",
    (ADMINISTER,),
    ("hudson.security.Permission.GenericRead",),
)
CONFIGURE = Permission(
    "Agent/Configure",
    "hudson.model.Computer.Configure",
    (ADMINISTER,),
    (
        "hudson.security.Permission.GenericConfigure",
        "hudson.security.Permission.GenericUpdate",
        "hudson.security.Permission.GenericWrite",
    ),
)
EXTENDED_READ = Permission(
    "Agent/ExtendedRead", "hudson.model.Computer.ExtendedRead", (CONFIGURE, ADMINISTER)
)
DISCONNECT = Permission("Agent/Disconnect", "hudson.model.Computer.Disconnect", (ADMINISTER,))
CONNECT = Permission("Agent/Connect", "hudson.model.Computer.Connect", (DISCONNECT, ADMINISTER))
CREATE = Permission(
    "Agent/Create",
    "hudson.model.Computer.Create",
    (ADMINISTER,),
    ("hudson.security.Permission.GenericCreate", "hudson.security.Permission.GenericWrite"),
)
DELETE = Permission(
    "Agent/Delete",
    "hudson.model.Computer.Delete",
    (ADMINISTER,),
    ("hudson.security.Permission.GenericDelete", "hudson.security.Permission.GenericWrite"),
)

ALL = (ADMINISTER, READ, CONFIGURE, EXTENDED_READ, CONNECT, DISCONNECT, CREATE, DELETE)


def names_held(granted: frozenset[str]) -> list[str]:
    """The names of all permissions that these grants give, sorted."""
    return sorted(p.name for p in ALL if p.held_by(granted))
