"""Text from outside (node names, logs, labels) as it is written into something: one escape for
each kind of thing, all of them here.

For a shell it is the standard library's ``shlex.quote``. Editors of people's own files
(``migrate.splice``) are another matter: they write in the manner of the file, or refuse.
"""

import base64
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

# C0 and C1 controls, the bidirectional marks that reorder what is read, characters without a
# width or ink (two names that look alike), variation selectors among them, lone surrogates (which
# no encoding takes) and what is no character.
_UNSEEN = (
    "\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROL = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_IN_JSON = re.compile(f"[\x00-\x08\x0b-\x1f{_UNSEEN}]")


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
        units = match[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

    return _IN_JSON.sub(show, json_text)


_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>&~|!$#])")


def markdown(text: str) -> str:
    """One line that Markdown shows as it is, wherever it stands in a line or a table.

    Only what has a meaning is escaped, so that the file reads well unrendered too.
    """
    text = _MARKDOWN.sub(r"\\\1", visible(text))
    # A bare address or e-mail would become a link of somebody else's making.
    text = re.sub(r"(?i)\b(https?|ftp)://", r"\1:&#47;&#47;", text)
    return re.sub(r"(?i)\bwww\.", "www&#46;", text).replace("@", "&#64;")


def code_span(text: str) -> str:
    """A Markdown code span; longer fences where the text holds backticks."""
    text = visible(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def code_block(text: str) -> str:
    """A fenced Markdown block of these lines."""
    text = visible_lines(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def html_text(text: str) -> str:
    """One line for an element or an attribute of HTML."""
    return html.escape(visible(text), quote=True)


def html_lines(text: str) -> str:
    """Like ``html_text``, keeping line breaks and tabs."""
    return html.escape(visible_lines(text), quote=True)


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet computes: one that would begin a formula gets a quote in front.

    OWASP, "CSV Injection". What is before the sign is cut off by some, so that counts, too.
    """
    shown = visible(text)
    begins = unicodedata.normalize("NFKC", shown.lstrip(" \"'"))[:1]
    return f"'{shown}" if begins and begins in "=+-@" else shown


def prometheus_label(text: str) -> str:
    """The value of a label of Prometheus' text format, without its quotes."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


_YAML_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_YAML_MEANS = re.compile(r"(?i)true|false|yes|no|on|off|null|y|n")


def yaml_word(text: str) -> str:
    """A YAML value that is read back as this text: a plain name, else in double quotes."""
    if _YAML_PLAIN.fullmatch(text) and not _YAML_MEANS.fullmatch(text):
        return text
    # YAML's escapes are those of ``visible``.
    return '"' + visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def sh_heredoc(text: str, mark: str) -> str:
    """The body of a ``<<'MARK'`` with its last line. A line that would end it early, so that the
    rest ran as commands, gets a blank in front."""

    def moved(row: str) -> bool:
        # Where a line begins as the mark does, dash (0.5.12) loses a byte of the next letter.
        return row.strip() == mark or (row[:1] == mark[0] and not row.isascii())

    rows = text.removesuffix("\n").split("\n")
    return "\n".join([*(f" {row}" if moved(row) else row for row in rows), mark])


_POWERSHELL_PLAIN = re.compile(r"[\n -~]+")


def powershell_quote(text: str) -> str:
    """An expression of PowerShell for ``text``, in ASCII alone.

    Windows PowerShell 5.1 reads a script without a byte order mark in the system's code page,
    where the bytes of a letter may hold a quote; so such a letter is a ``[char]``. The first part
    is a string, so that ``+`` joins. Typographic quotes, which PowerShell takes for quotes, too,
    are among them.
    """
    if _POWERSHELL_PLAIN.fullmatch(text) or not text:
        return _single_quoted(text)
    parts = [] if _POWERSHELL_PLAIN.match(text) else ["''"]
    at = 0
    while at < len(text):
        plain = _POWERSHELL_PLAIN.match(text, at)
        if plain is not None:
            parts.append(_single_quoted(plain[0]))
            at = plain.end()
            continue
        units = text[at].encode("utf-16-be", "surrogatepass")
        parts += [f"[char]0x{units[i : i + 2].hex()}" for i in range(0, len(units), 2)]
        at += 1
    return f"({' + '.join(parts)})"


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def windows_word(text: str) -> str:
    """One word of a Windows command line, by the rules of CommandLineToArgvW."""
    if text and not re.search(r'[\s"]', text):
        return text
    return '"' + re.sub(r"(\\+)$", r"\1\1", re.sub(r'(\\*)"', r'\1\1\\"', text)) + '"'


def systemd_word(text: str) -> str:
    """One word of a unit's ``ExecStart=``. systemd.service(5), "COMMAND LINES"."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    # A line break would end the line.
    return '"' + text.replace("\n", "\\n").replace("\r", "\\r") + '"'


def groovy_data(data: Any) -> str:
    """An expression of Groovy for plain data, in which no text of it is source: base64 of JSON."""
    packed = json.dumps(data, separators=(",", ":"), sort_keys=True).encode("ascii")
    return (
        "new groovy.json.JsonSlurperClassic().parseText("
        f"new String('{base64.b64encode(packed).decode('ascii')}'.decodeBase64(), 'UTF-8'))"
    )


_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|conin|conout|clock|com\d|lpt\d)(?:\.|$)")
"""What Windows takes for a device, whatever the ending (Microsoft, "Naming Files, Paths, and
Namespaces"; ``CONIN$`` and the like keep no ``$`` here)."""


def is_device(name: str) -> bool:
    """Whether Windows takes this file name for a device."""
    return _DEVICES.match(name) is not None


def file_name(text: str, *, apart: bool = False) -> str:
    """A file name that is safe on Unix and Windows: letters, digits, dot, dash.

    What differs only in other characters stays apart, by a part of its SHA-256; ``apart`` puts
    that there in any case, for names that differ only where a file system makes no difference
    (``same_files``).
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", plain).strip("-.")[:80].rstrip("-.") or "node"
    if plain == text and not apart and not is_device(plain):
        return plain
    plain = f"node-{plain}" if is_device(plain) else plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def same_files(texts: Collection[str]) -> frozenset[str]:
    """Those whose ``file_name`` another one has, too, on a file system that takes capital and
    small letters for the same."""
    by_name: dict[str, set[str]] = {}
    for text in texts:
        by_name.setdefault(file_name(text).lower(), set()).add(text)
    return frozenset().union(*(each for each in by_name.values() if len(each) > 1))


def first_of(names: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: the first ``most`` of the names, and how many are left."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
