"""A page that names a command names one that there is, and that proves what it is named for."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from migrate.cli.main import make_app
from migrate.rules.explain import ids, page
from migrate.rules.registry import by_id

ROOT = Path(__file__).parents[2]
APP = get_command(make_app())
STANDS_FOR = {"PLAN": "plans/x", "RUN": "x", "FILE": __file__, "URL": "http://j/", "NODE": "n"}
"""What a page's placeholders are tried with."""
NAMES = set(APP.commands)  # type: ignore[attr-defined]


def commands_in(text: str) -> list[list[str]]:
    """Each ``migrate ...`` of a text, as words up to where the sentence goes on."""
    found = []
    for piece in re.findall(r"migrate ((?:[a-z]+)(?: [^\s`;]+)*)", " ".join(text.split())):
        words: list[str] = []
        takes_value = False
        for word in shlex.split(piece.replace("'", '"').replace('"', "")):
            bare = word.rstrip(".,:)")
            option = bare.startswith("--")
            stands = takes_value or bare in STANDS_FOR or bare.startswith("plans")
            if words and not (option or stands):
                break
            words.append(STANDS_FOR.get(bare, bare))
            takes_value = option
            if bare != word:
                break
        if words and words[0] in NAMES:
            found.append(words)
    return found


def parsed(words: list[str]) -> None:
    """By the real CLI, without running anything; ``LookupError`` for what it does not know."""
    command = APP.commands[words[0]]  # type: ignore[attr-defined]
    rest = [word for word in words[1:] if word.startswith("--") or word not in ("and", "or")]
    flags = {
        name
        for option in command.params
        if getattr(option, "is_flag", False)
        for name in option.opts
    }
    # A word after a flag belongs to the sentence.
    kept: list[str] = []
    for word in rest:
        if kept and kept[-1] in flags and not word.startswith("--"):
            break
        kept.append(word)
    command.make_context(words[0], list(kept), resilient_parsing=True)
    known = {name for option in command.params for name in option.opts}
    unknown = [word for word in kept if word.startswith("--") and word.split("=")[0] not in known]
    if unknown:
        raise LookupError(f"no such option: {unknown}")


@pytest.mark.parametrize("name", [*ids(), "drivers"])
def test_every_command_of_a_page_is_one(name: str) -> None:
    for words in commands_in(page(name)):
        parsed(words)


@pytest.mark.parametrize("file", sorted((ROOT / "docs").glob("*.md")), ids=lambda f: f.name)
def test_every_command_of_the_docs_is_one(file: Path) -> None:
    for words in commands_in(file.read_text(encoding="utf-8")):
        parsed(words)


def test_this_test_would_see_a_wrong_one() -> None:
    assert commands_in("then run: migrate doctor --hold 40. Then")[0] == ["doctor", "--hold", "40"]
    for wrong in ("migrate doctor --probe-hold 35", "migrate scan --no-such"):
        with pytest.raises(LookupError):
            for words in commands_in(wrong):
                parsed(words)


@pytest.mark.parametrize(
    ("rule", "proof"),
    [
        # What a timeout cuts is seen only by a socket that is held.
        ("M023", "--hold"),
        ("M037", "--hold"),
        ("M034", "--probe-node"),
        ("M053", "--probe-node"),
        ("M055", "--sockets"),
    ],
)
def test_the_command_proves_what_the_page_is_about(rule: str, proof: str) -> None:
    found = by_id(rule)
    assert found is not None
    said = page(rule) + Path(ROOT / f"migrate/rules/{found.name.replace('-', '_')}.py").read_text()
    assert any(proof in words for words in commands_in(said.replace('"', " ")))
