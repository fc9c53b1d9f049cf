"""Masking whatever is known for or looks like a secret, where text from outside is first read."""

import re

from migrate.model import known_secrets
from migrate.model.known_secrets import known

MASK = known_secrets.MASK

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


_KEY = (
    r"(?:secrets?|passw(?:or)?d|passphrase|(?<![a-z])pass(?![a-z])|pwd|tokens?|credentials?|storepass|keypass|"
    r"(?:api|access|private|account|shared|storage|signing|encryption|master|secret)[._-]?key)"
)
_MORE = r"(?P<more>[\w.-]{0,64})"
_NO_SECRET = re.compile(
    r"(?i)(?:file|files|path|folder|dir|id|ids|name|names|ref|refs|type|count|length|store|url|uri|"
    r"size|ttl|kind|provider|mode|clear|version|expir\w*|class|field|script|helper|policy)$"
)
"""How a key ends whose value tells where a secret is, or something about it."""
_NO_VALUE = re.compile(
    r"(?i)(?:true|false|null|none|nil|yes|no|~|\*{4}|@.*|//.*|[|>][+-]?\d?|"
    r"\$\w+|\$\{\w+\}|\$\(.*|%\w+%)[,;)\]}]*$"
)
"""Also what names a variable, or the command that reads it."""
_QUOTED = r"\\{0,3}\"(?:\\.|[^\"\\]){0,4096}\\{0,3}\"?|\\{0,3}'[^']{0,4096}'?"
_BARE = r"[^\s\"'<>]+"
_ASSIGNED = re.compile(
    rf"(?i)(?P<key>{_KEY}{_MORE}\\{{0,3}}[\"']?[ \t]{{0,8}}(?:=>|[:=])[ \t]{{0,8}})"
    rf"(?P<value>{_QUOTED}|{_BARE})"
)
"""``SECRET=x``, ``password: x``, ``"token": "x"``, also in JSON that stands in JSON."""
_YAML_KEY = rf"[\"']?[\w.-]{{0,64}}?{_KEY}{_MORE}[\"']?[ \t]{{0,8}}:"
_LINE = re.compile(
    rf"(?im)^(?P<key>[ \t]*(?:- )?{_YAML_KEY}[ \t]{{1,8}})"
    r"(?P<value>[^\s\"'][^\r\n]*)"
)
"""A line of YAML or properties: its value may have blanks."""
_BLOCK = re.compile(
    rf"(?im)^(?P<key>(?P<in>[ \t]{{0,64}})(?:- )?{_YAML_KEY}[ \t]{{0,8}}"
    r"[|>][+-]?\d?[ \t]*\r?\n(?P=in)[ \t]+)"
    r"(?P<value>[^\r\n]+(?:\r?\n(?P=in)[ \t]+[^\r\n]+)*)"
)
_ELEMENT = re.compile(rf"(?i)(?P<key>{_KEY}{_MORE}(?:\s[^<>]{{0,256}})?>)(?P<value>[^<>]+)(?=</)")
_WORDS = re.compile(
    rf"(?i)(?P<key>(?<![\w-])--?[\w.-]{{0,40}}?{_KEY}(?P<more>)[ \t]+)"
    r"(?P<value>\"[^\"]{0,4096}\"|'[^']{0,4096}'|(?!@)[^\s\"'<>]+)"
)
"""``-storepass x``, ``--http-password x``, ``-trustStorePassword x``."""
_NAMED = rf"[\w.-]{{0,64}}?{_KEY}{_MORE}"
_PAIRS = (
    # Jenkins' variables of a node, as XStream writes a map.
    re.compile(
        rf"(?i)(?P<key><string>{_NAMED}</string>\s{{0,200}}<string>)(?P<value>[^<>]+)(?=</string>)"
    ),
    # A container's variables in YAML and JSON, attributes of XML (WinSW).
    re.compile(
        rf"(?i)(?P<key>(?<![\w-])name[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"']?{_NAMED}[\"']?\s{{0,4}},?"
        rf"\s{{0,200}}[\"']?value[\"']?\s{{0,4}}[:=]\s{{0,4}})(?P<value>{_QUOTED}|{_BARE})"
    ),
    # A Dockerfile; Windows.
    re.compile(
        rf"(?i)(?P<key>(?<![\w-])(?:ENV|setx(?:\.exe)?)[ \t]{{1,8}}{_NAMED}[ \t]{{1,8}})"
        rf"(?P<value>{_QUOTED}|{_BARE})"
    ),
    re.compile(
        r"(?i)(?P<key>(?<![\w-])(?:sshpass|(?:docker|podman|helm registry)[ \t]+login)"
        rf"(?P<more>)[^\r\n]{{0,256}}?[ \t]-p[ \t]?)(?P<value>{_QUOTED}|{_BARE})"
    ),
)
"""A name, and what belongs to it beside it."""
_KEYED = (_BLOCK, _LINE, *_PAIRS, _ASSIGNED, _ELEMENT)
_PLAIN_HEADER = (
    r"(?!(?:host|accept[\w-]*|content-[\w-]+|user-agent|origin|upgrade|connection|sec-websocket-[\w-]+|"
    r"cache-control|referer|node-name|x-remoting-[\w-]+|x-forwarded-[\w-]+)[\"']?[ \t]*[:=])"
)
_SCHEME = r"(?:(?:bearer|basic|token|digest|negotiate|apikey)[ \t]+)?"
_HEADERS = (
    re.compile(
        r"(?i)(?P<key>(?:authorization|(?<![\w-])(?:set-)?cookie|jenkins-crumb|"
        r"x-[\w-]{0,40}?(?:key|token|auth|secret)[\w-]{0,40})\\{0,3}[\"']?[ \t]{0,8}[:=][ \t]{0,8}"
        rf"\\{{0,3}}[\"']?{_SCHEME})[^\s\"'<>\\][^\r\n\"'<>\\]*"
    ),
    # An option with a header: of most of them nobody but their owner knows what they hold.
    re.compile(
        r"(?i)(?P<key>(?:(?<![\w-])-H|(?<![\w-])--header|-webSocketHeader)[ =]{0,4}[\"']?"
        rf"{_PLAIN_HEADER}[\w-]{{1,64}}[:=][ \t]{{0,8}}{_SCHEME})[^\s\"'<>][^\r\n\"'<>]*"
    ),
)
_USER = re.compile(
    r"(?i)(?P<key>(?<![\w-])(?:-u|-U|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"'<>/]{1,64}:)"
    r"[^\s\"'<>]+"
)
"""curl's login."""
_SHAPES = (
    # Jenkins' own encrypted values (hudson.util.Secret: a header of 0x01 and a length).
    re.compile(r"\{AQAA[A-Za-z0-9+/=]{8,}\}"),
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
    ),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(
        r"\b(?:gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hvs\.[\w-]{16,}|"
        r"xox[abprs]-[\w-]{10,}|npm_[A-Za-z0-9]{30,})"
    ),
    # User info without a password is a token, or one without a user.
    re.compile(r"(?<=://):[^\s/@:\"'<>?#]+(?=@)"),
    re.compile(r"(?i)(?<=https://)[^\s/@:\"'<>?#]+(?=@)"),
    re.compile(r"(?i)(?<=http://)[^\s/@:\"'<>?#]+(?=@)"),
    re.compile(r"(?<=\bpass:)[^\s\"'<>]+"),
)


def _keyed(found: re.Match[str]) -> str:
    """``KEY****``, unless the value is none or tells only where the secret is."""
    value = found["value"]
    plain = value.strip("\\\"'")
    if not plain or _NO_VALUE.match(plain) or _NO_SECRET.search(found["more"]):
        return found[0]
    quote = re.match(r"\\{0,3}[\"']", value)
    if quote is None:
        return found["key"] + MASK
    closed = len(value) > 2 * len(quote[0]) - 1 and value.endswith(quote[0])
    return found["key"] + quote[0] + MASK + (quote[0] if closed else "")


def mask(text: str) -> str:
    """``text`` with known secrets, agent secrets, API tokens and credentials replaced by ``****``.

    ``-secret @file`` is kept: the name of a file is not a secret.
    """
    text = known().hide(text)
    for pattern in _SHAPES:
        text = pattern.sub(MASK, text)
    for pattern in _PROPERTIES:
        text = pattern.sub(lambda m: m["key"] + MASK, text)
    for pattern in (_OPTION, _PROXY):
        text = pattern.sub(lambda m: m["key"] + MASK, text)
    for pattern in (*_HEADERS, _USER):
        text = pattern.sub(lambda m: m["key"] + MASK, text)
    for pattern in _KEYED:
        text = pattern.sub(_keyed, text)
    text = _WORDS.sub(lambda m: m["key"] + MASK, text)
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text
