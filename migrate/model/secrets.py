"""Masking whatever looks like a secret, where text from outside is first read."""

import re

MASK = "****"

_PATTERNS = (
    # 64 hex digits: HMAC agent secrets (facts: 13-jnlp-a-tcp.txt). SHA-256 sums look the same,
    # so text of our own that carries a digest is never passed through here.
    # Without an edge: a name that was joined to one by _ or another letter shows it as well.
    re.compile(r"[0-9a-fA-F]{64,}"),
    # Jenkins API tokens: 11 followed by 32 hex digits.
    re.compile(r"\b11[0-9a-fA-F]{32}\b"),
    # A password may hold @ and / itself; a port and a path with an @ are none.
    re.compile(r"(?<=://)(?![^/\s:@]+:\d+/)[^/\s:@]+:[^\s\"'<>]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]+"),
    re.compile(r"(?i)(?<=basic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
)
_OPTION = re.compile(
    r"(?i)(?P<key>(?:^|[\s\"'])-{1,2}(?:secret|password|token|jnlpcredentials|credentials|"
    r"proxycredentials|auth)[ =]+|\b\w*(?:_secret|_password|_token)=)(?P<value>(?!@)[^\s\"'<>]+)"
)
_PROXY = re.compile(
    r"(?i)(?P<key>(?:proxy=|(?:\s|^)(?:-x|--(?:pre)?proxy)[ =])[\"']?)"
    r"[^\s\"'<>:@/]+:[^\s\"'<>/][^\s\"'<>]*(?=@)"
)
"""A proxy may be named without ``http://``, with its user."""
_PROPERTY = r"-D[\w.-]*(?:secret|passw(?:or)?d|passphrase|token|credential|api[._-]?key)[\w.-]*="
_PROPERTIES = (
    # A word in quotes first: its value may have blanks.
    re.compile(rf"(?i)(?P<key>(?P<quote>[\"']){_PROPERTY})(?:(?!(?P=quote)).)+"),
    re.compile(rf"(?i)(?P<key>{_PROPERTY})(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)"),
)
"""Java's system properties that hold a secret, such as ``-Djavax.net.ssl.trustStorePassword``."""


def mask(text: str) -> str:
    """``text`` with agent secrets, API tokens and credentials replaced by ``****``.

    ``-secret @file`` is kept: the name of a file is not a secret.
    """
    for pattern in _PROPERTIES:
        text = pattern.sub(lambda m: m["key"] + MASK, text)
    for pattern in (_OPTION, _PROXY):
        text = pattern.sub(lambda m: m["key"] + MASK, text)
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text
