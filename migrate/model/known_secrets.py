"""The secrets that this process was given or has read, to be found again in any text and form.

A server, a hook or an agent's host may send back what it was sent: in clear, as base64 within
more base64, percent-encoded, as JSON or as hex. Patterns (``model.secrets``) can't know those.
"""

import base64
import html
import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "****"
SHORTEST = 6
"""Characters; what is shorter would be found in any text."""
_WORD = 8
"""Characters; what is shorter is masked as a whole word alone."""
_MOST = 512
"""Secrets that are remembered, the newest ones. Their own form, 64 hex digits, needs no memory."""


class KnownSecrets:
    """What to hide, and in which forms. Several threads may use it at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: deque[str] = deque(maxlen=_MOST)
        self._pattern: re.Pattern[str] | None = None

    def remember(self, secret: str | None, *, user: str | None = None) -> None:
        """Hide ``secret`` from now on, and the login that it makes together with ``user``."""
        whole = f"{user}:{secret}" if user else ""
        with self._lock:
            for text in ((secret or "").strip(), whole.strip()):
                if len(text) >= SHORTEST and text not in self._secrets:
                    self._secrets.append(text)
                    self._pattern = None

    def remember_url(self, url: str | None) -> None:
        """Hide the password in a URL or proxy, or the user info that has none (a token)."""
        text = url or ""
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
        except ValueError:
            return
        if parts.password or parts.username:
            info = parts.password or parts.username or ""
            self.remember(info)
            self.remember(unquote(info), user=unquote(parts.username or ""))

    def hide(self, text: str) -> str:
        """``text`` with every form of each known secret as ``****``."""
        with self._lock:
            if not self._secrets:
                return text
            if self._pattern is None:
                self._pattern = _compiled(self._secrets)
            pattern = self._pattern
        return pattern.sub(MASK, text)

    def hide_in(self, data: Any) -> Any:
        """Plain data, with ``hide`` of each text in it; tuples become lists."""
        if isinstance(data, str):
            return self.hide(data)
        if isinstance(data, dict):
            return {self.hide_in(key): self.hide_in(value) for key, value in data.items()}
        return [self.hide_in(each) for each in data] if isinstance(data, list | tuple) else data

    def forget(self) -> None:
        """Know nothing any more."""
        with self._lock:
            self._secrets.clear()
            self._pattern = None


_KNOWN: ContextVar[KnownSecrets] = ContextVar("known_secrets", default=KnownSecrets())  # noqa: B039


def known() -> KnownSecrets:
    """Those of this process.

    Not handed around: a secret that one adapter reads may come back through any other, in any
    thread, and text is masked in a hundred places; one that was forgotten would be the leak.
    It is the default of a context variable, so that threads, which begin with an empty
    context, have the same one. Nothing but what is masked depends on it.
    """
    return _KNOWN.get()


def _compiled(secrets: deque[str]) -> re.Pattern[str]:
    forms = {form: "" for secret in secrets for form in _encoded(secret)}
    for secret in secrets:
        edge = "[A-Za-z0-9]" if len(secret) < _WORD else ""
        forms |= dict.fromkeys(_written(secret), edge)
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    words = (
        f"(?<!{forms[form]}){re.escape(form)}(?!{forms[form]})" if forms[form] else re.escape(form)
        for form in longest_first
    )
    return re.compile("|".join(words), re.IGNORECASE)


def _written(secret: str) -> Iterator[str]:
    """As text, quoted the ways that shells, URLs, JSON, XML and Python have."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield json.dumps(json.dumps(secret, ensure_ascii=ascii_only)[1:-1])[1:-1]
    yield html.escape(secret)
    yield html.escape(secret, quote=False)
    yield html.escape(secret).replace("&#x27;", "&apos;").replace("&quot;", "&#34;")
    yield secret.replace("'", "'\\''")
    yield secret.replace("'", "''")
    yield repr(secret)[1:-1]


def _encoded(secret: str) -> Iterator[str]:
    """As hex, and as base64 wherever in other bytes it stands."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield raw.hex()
    for shift, lead in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(bytes(shift) + raw).decode()
        # The first and the last letter share bits with what stands beside it.
        inner = whole.rstrip("=")[lead:]
        if (shift + len(raw)) % 3:
            inner = inner[:-1]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
            yield quote(inner, safe="")
