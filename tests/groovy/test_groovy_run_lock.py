"""The mark on the controller, by a real Groovy 2.4."""

import json
from pathlib import Path
from typing import Any

import pytest
from groovy_runner import Sent, needs_groovy, run_all

pytestmark = [pytest.mark.groovy, needs_groovy]


def call(action: str, token: str, seconds: int = 60) -> Sent:
    arguments: dict[str, Any] = {
        "action": action,
        "token": token,
        "note": json.dumps({"user": token}),
        "seconds": seconds,
    }
    return ("run-lock", arguments, "")


def test_one_holds_it_until_it_gives_it_up_or_it_expires(tmp_path: Path) -> None:
    answers = [
        result
        for result, _ in run_all(
            [
                call("look", ""),
                call("take", "ann"),
                call("take", "ben"),
                call("renew", "ben"),
                call("renew", "ann"),
                call("release", "ben"),
                call("look", ""),
                call("release", "ann"),
                call("renew", "ann"),
                call("take", "ann", seconds=0),
                call("take", "ben"),
            ],
            tmp_path,
        )
    ]
    tokens = [answer.get("token") for answer in answers]
    assert tokens == [
        None, "ann", "ann", "ann", "ann", "ann", "ann", None, "ann", "ann", "ben",
    ]  # fmt: skip
    assert json.loads(answers[1]["note"]) == {"user": "ann"}
    assert 0 < answers[1]["left"] <= 60
    assert 0 <= answers[4]["age"] < 60
