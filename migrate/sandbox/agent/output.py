"""The agent's stdout, in the form of java.util.logging's SimpleFormatter."""

import os
import threading
import time

_lock = threading.Lock()


def raw(text: str) -> None:
    """Lines as they are."""
    with _lock:
        os.write(1, text.encode("utf-8", "surrogateescape"))


def record(source: str, text: str, level: str = "INFO") -> None:
    """One log record: date, source and, on the next line, level and message."""
    now = time.localtime()
    hour = now.tm_hour % 12 or 12
    date = f"{time.strftime('%b', now)} {now.tm_mday}, {now.tm_year}"
    clock = f"{hour}:{now.tm_min:02}:{now.tm_sec:02} {'AM' if now.tm_hour < 12 else 'PM'}"
    raw(f"{date} {clock} {source}\n{level}: {text}\n")
