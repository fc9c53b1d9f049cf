"""A text as it was read, byte for byte: decoding, what is left alone, and what may be shown of it.

Line ends, byte order mark and bytes that are no UTF-8 survive, so that an undone edit is equal
byte for byte.
"""

import codecs
import contextlib
import re
from collections.abc import Iterable

from migrate.model.errors import ExitCode, MigrateError
from migrate.model.secrets import MASK, mask
from migrate.model.text import visible

BOM = "\ufeff"
_UTF_16 = re.compile(r"\ufeff\s*<\?xml[^>]*\sencoding\s*=\s*[\"']UTF-16[\"']", re.IGNORECASE)
_AGENT_SECRET = re.compile("[0-9a-fA-F]{64,}")
MAX_CHARS = 1024 * 1024
"""A launch file is a few lines; anything larger is something else."""


class NotEditable(MigrateError):
    """A launch file that this tool does not understand well enough to change."""

    exit_code = ExitCode.BLOCKED

    def __init__(self, reason: str, path: str = "") -> None:
        reason = hidden(reason, ())  # A word that it names may be a secret.
        super().__init__(
            f"{visible(path) or 'the launch file'} is left alone: {reason}",
            next_command="migrate plan --driver NODE=manual",
        )
        self.reason = reason


def decode(data: bytes) -> str:
    """The text of a launch file. Bytes that are no UTF-8 become lone surrogates.

    XML that says UTF-16 and is UTF-16 is read as such: the Task Scheduler exports it.
    """
    if data.startswith(codecs.BOM_UTF16_LE):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode("utf-16-le")
            if _UTF_16.match(text):
                return text
    text = data.decode("utf-8", "surrogateescape")
    if _UTF_16.match(text):
        # It only says so: its mark is kept as bytes, so that ``encode`` tells the two apart.
        return codecs.BOM_UTF8.decode("ascii", "surrogateescape") + text[1:]
    return text


def encode(text: str) -> bytes:
    """The bytes that ``decode`` was given."""
    if _UTF_16.match(text):
        return text.encode("utf-16-le")
    return text.encode("utf-8", "surrogateescape")


def hidden(text: str, secrets: Iterable[str]) -> str:
    """``text`` without these secrets, nor anything else that looks like one."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        # A short one may be a part of any word; a long one is a secret wherever it stands.
        edge = r"\w" if len(secret) < 16 else "(?!)"
        text = re.sub(rf"(?<!{edge}){re.escape(secret)}(?!{edge})", MASK, text)
    return mask(_AGENT_SECRET.sub(MASK, text))
