"""What a TCP port of the edge leads to."""

from dataclasses import dataclass

from migrate.sandbox.edge.backends import Backend


@dataclass(frozen=True)
class Entry:
    """One port that an ingress controller serves, inside its Pod."""

    port: int
    backend: Backend
    decode: bool = False
    """Takes the PROXY protocol from the client."""
    encode: bool = False
    """Sends the PROXY protocol to the backend."""
