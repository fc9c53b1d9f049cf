"""Masks values beside names that tell of a secret, in the lines of a launch file. Pure.

A diff shows the lines around a change, and in those stand other people's passwords.
"""

import re

from migrate.model.secrets import MASK

_WORDS = r"secret|passw(?:or)?d|passphrase|token|credential|(?:api|private)[_-]?key"
_NAME = rf"[\w.-]{{0,40}}(?:{_WORDS})[\w.-]{{0,40}}"
_VALUE = r"(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s,;\"'<>&|]+)"
_PATTERNS = (
    # NAME=value, NAME: value, name="value" of XML.
    re.compile(rf"(?i)(?P<key>(?<![\w.-]){_NAME}[\"']?[ \t]*[=:][ \t]*)(?P<value>{_VALUE})"),
    re.compile(rf"(?i)(?P<key><({_NAME})(?:\s[^<>]*)?>)(?P<value>[^<]+)(?=</\2)"),
    re.compile(rf"(?i)(?P<key><key>\s*{_NAME}\s*</key>\s*<string>)(?P<value>[^<]+)"),
    re.compile(rf"(?i)(?P<key>\bname\s*=\s*[\"']{_NAME}[\"']\s+value\s*=\s*)(?P<value>{_VALUE})"),
    # curl and wget: a user with a password.
    re.compile(r"(?P<key>\s(?:-u|--user)[ =][\"']?[^\s:\"']+:)(?P<value>[^\s\"']+)"),
)
_NO_SECRET = re.compile(r"[\"']?(?:@|\$\{?\w+\}?[\"']?$|\$\(|%\w|true\b|false\b|\*{4})")
"""The name of a file, a variable, a flag."""
_FILES = re.compile(r"(?i)(?:file|path|dir|folder)[\"']?[ \t]*[=:]")


def without_private(text: str) -> str:
    """The text with such values as ``****``."""
    for pattern in _PATTERNS:
        text = pattern.sub(_masked, text)
    return text


def _masked(match: re.Match[str]) -> str:
    key, value = match["key"], match["value"]
    if _NO_SECRET.match(value) or _FILES.search(key):
        return match[0]
    mark = value[0] if value[:1] in "\"'" else ""
    return f"{key}{mark}{MASK}{mark}"
