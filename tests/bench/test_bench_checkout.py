"""``make bench``: a large checkout, against ``git grep`` and the parsing of what matches."""

import os
import random
import subprocess
from pathlib import Path

import pytest
from bench_table import Compare

from migrate.sources.base import LookOptions
from migrate.sources.registry import look
from migrate.sources.walk import walk
from migrate.splice.yaml_tree import read_documents

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

PATTERN = "50000|jenkins|jnlp|tunnel|websocket"
WORDS = ["image", "replicas", "limits", "cpu", "labels", "app", "service", "http", "chart", "name"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 files, 200 MB: vendored charts, lock files, binaries, archives, and 40 that matter."""
    root, chance = tmp_path_factory.mktemp("checkout"), random.Random(1)  # noqa: S311 - no secret
    rows = []
    for n in range(90_000):
        word, value = chance.choice(WORDS), chance.choice(WORDS)
        rows.append(f"{'  ' * chance.randint(0, 4)}{word}: {value} {n % 900}\n")
    text = "".join(rows).encode()
    noise = os.urandom(400_000)

    def put(name: str, size: int, *, binary: bool = False) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        start = chance.randint(0, len(text) - size) if not binary else 0
        path.write_bytes(b"\0" + noise * (size // len(noise)) if binary else text[start:][:size])

    for n in range(4700):
        put(f"charts/{n % 200}/templates/{n}.yaml", chance.randint(1000, 20_000))
    for n in range(60):
        put(f"web/{n}/package-lock.json", 900_000)
    for n in range(180):
        put(f"bin/{n}", 400_000, binary=True)
    for n in range(20):
        put(f"archives/{n}.tar", 2_000_000, binary=True)
    values = "controller:\n  agentListenerServiceType: NodePort\nagent:\n  websocket: false\n"
    for n in range(40):
        path = root / f"ci/{n}/values.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(values + "# x\n" * 200)
    return root


def test_a_large_checkout(compare: Compare, checkout: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=checkout, check=True)

    def ours() -> None:
        walked = walk((checkout,))
        assert (len(walked.files), walked.binary, walked.huge) == (40, 180, 20)
        assert len(look(walked.files, LookOptions()).edits) == 80

    def theirs() -> None:
        command = ["git", "grep", "-lIiE", PATTERN]
        told = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
        for name in told.stdout.splitlines():
            text = (checkout / name).read_text()
            assert read_documents(text, name)

    compare("5000 files, 200 MB", ours, "git grep -l and parsing what matches", theirs, 2.0, 3)
