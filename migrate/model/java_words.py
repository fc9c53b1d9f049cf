"""The words of a ``java`` command before its program: Java's own options. Pure.

Source: the java command's reference (JDK 21, "java"), and the launcher's java.c: options that take
the next word, ``@argfiles`` up to the program, and the program as the word after ``-jar``, else
the first word that is no option (a main class).
"""

from collections.abc import Sequence
from dataclasses import dataclass

CLASS_PATH = ("-cp", "-classpath", "--class-path")
WITH_VALUE = frozenset(
    [
        *CLASS_PATH,
        "-p",
        "--module-path",
        "--upgrade-module-path",
        "--add-modules",
        "--limit-modules",
        "--add-opens",
        "--add-exports",
        "--add-reads",
        "--patch-module",
        "--enable-native-access",
        "--source",
    ]
)
"""Java's options that take the next word as their value; others have it behind ``=`` or ``:``."""
_OTHER_PROGRAMS = ("-m", "--module", "-d", "--describe-module")


@dataclass(frozen=True)
class Program:
    """Where the program stands among the words behind ``java``."""

    jar_at: int | None
    """Position of the jar behind ``-jar``; None: a main class is named."""
    main_at: int | None
    """Position of the main class; None: a jar is named."""
    class_path_at: int | None
    """Position of the value of the class path that counts (the last one)."""
    end: int
    """Position of the first word behind the program."""
    argument_files: tuple[str, ...] = ()
    """``@argfile`` words, in which Java looks for more of its options."""


def find_program(words: Sequence[str], start: int = 0) -> Program | str:
    """The program among Java's words from ``start`` on, or the word that hides it.

    The word is empty when the words end before a program.
    """
    files: list[str] = []
    class_path: int | None = None
    at = start
    while at < len(words):
        word = words[at]
        if word == "-jar":
            if at + 1 >= len(words):
                return word
            return Program(at + 1, None, class_path, at + 2, tuple(files))
        if word in _OTHER_PROGRAMS or word.startswith(("--module=", "--describe-module=")):
            return word
        if word in WITH_VALUE:
            if at + 1 >= len(words):
                return word
            class_path = at + 1 if word in CLASS_PATH else class_path
            at += 2
        elif word.startswith("@"):
            files.append(word)
            at += 1
        elif word.startswith(("-", "\0")):
            # A variable that another place sets (\0) holds Java's options, if -jar follows.
            at += 1
        else:
            return Program(None, at, class_path, at + 1, tuple(files))
    return files[-1] if files else ""
