"""Escaping text from outside (node names, logs, labels) before it is shown."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

# C0 and C1 controls, the bidirectional marks that reorder what is read, characters without a
# width (two names that look alike), and lone surrogates (which no encoding takes).
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """One line without control characters: each becomes ``\\xNN`` or ``\\uNNNN``."""

    def show(match: re.Match[str]) -> str:
        code = ord(match[0])
        if code < 0x100:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return _CONTROL.sub(show, text)


def visible_lines(text: str) -> str:
    """Like ``visible``, keeping line breaks and tabs."""
    return "\n".join("\t".join(visible(c) for c in line.split("\t")) for line in text.splitlines())


def json_visible(json_text: str) -> str:
    """JSON text, its line breaks kept, with such characters as JSON escapes: the same data."""

    def show(match: re.Match[str]) -> str:
        if match[0] in "\n\t":
            return match[0]
        units = match[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

    return _CONTROL.sub(show, json_text)


def markdown(text: str) -> str:
    """``visible`` text that Markdown shows as it is, also inside a table cell."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~&$-])", r"\\\1", visible(text))


def code_span(text: str) -> str:
    """A Markdown code span; longer fences where the text holds backticks."""
    text = visible(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def file_name(text: str) -> str:
    """A safe file name: letters, digits, dot, dash; what differs only there stays apart."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", plain).strip("-.")[:80] or "node"
    if plain == text:
        return plain

    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def first_of(names: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: the first ``most`` of the names, and how many are left."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
