"""Users, API tokens, passwords, sessions and crumbs."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class User:
    """One account."""

    name: str
    token: str
    permissions: frozenset[str]
    password: str | None = None


@dataclass(frozen=True)
class Caller:
    """Who sends a request, and how it was proved."""

    name: str
    permissions: frozenset[str]
    how: str
    """``anonymous``, ``token`` or ``password``."""


ANONYMOUS = Caller("anonymous", frozenset(), "anonymous")


@dataclass
class Security:
    """Who may log in, and which crumbs are good."""

    users: dict[str, User] = field(default_factory=dict)
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def caller(self, authorization: str | None) -> Caller | None:
        """The caller behind an Authorization header; None when it is wrong (401)."""
        if not authorization:
            return ANONYMOUS
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() != "basic":
            return ANONYMOUS
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        user = self.users.get(name)
        if user is None:
            return None
        if hmac.compare_digest(secret.encode(), user.token.encode()):
            return Caller(name, user.permissions, "token")
        if user.password is not None and hmac.compare_digest(
            secret.encode(), user.password.encode()
        ):
            return Caller(name, user.permissions, "password")
        return None

    def revoke_tokens(self) -> None:
        """No API token that was given out so far is good any more."""
        self.users = {
            name: replace(user, token=secrets.token_hex(17)) for name, user in self.users.items()
        }

    def crumb(self, caller: Caller, session: str) -> str:
        """The crumb of a caller within a session, 64 hex digits (04-crumb-admin.txt)."""
        text = f"{caller.name};{session}".encode()
        return hashlib.sha256(text + self.salt).hexdigest()

    def crumb_is_good(self, caller: Caller, session: str | None, crumb: str | None) -> bool:
        """Whether a POST may pass: API tokens need no crumb, everyone else one of the session."""
        if caller.how == "token":
            return True
        if not session or not crumb:
            return False
        return hmac.compare_digest(self.crumb(caller, session).encode(), crumb.encode())


def new_session() -> str:
    """A session id in Jetty's form."""
    return f"node0{secrets.token_hex(12)}.node0"
