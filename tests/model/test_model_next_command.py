"""Next commands with the options that were given: on any text, once, and never a secret."""

import shlex

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from migrate.model.next_command import (
    CONNECTION,
    FLAGS,
    PLANS,
    TAKES,
    is_safe,
    plan_folder,
    with_given,
    with_plans,
)

GIVEN = (("--jenkins-url", "https://j/"), ("--ca-file", "my ca.pem"), ("--no-cluster", ""))
SAID = " --jenkins-url https://j/ --ca-file 'my ca.pem' --no-cluster"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("migrate doctor", f"migrate doctor{SAID}"),
        ("migrate apply plans/t --resume", f"migrate apply{SAID} plans/t --resume"),
        ("look, then run `migrate scan`.", f"look, then run `migrate scan{SAID}`."),
        ("migrate show plans/t", "migrate show plans/t"),
        ("migrate status", "migrate status"),
        ("migrate apply-x", "migrate apply-x"),
        ("emigrate scan", "emigrate scan"),
        (
            "migrate doctor --ca-file FILE --no-cluster",
            "migrate doctor --jenkins-url https://j/ --ca-file FILE --no-cluster",
        ),
        (
            "migrate apply p    # or: migrate rollback p --no-cluster",
            f"migrate apply{SAID} p    # or: migrate rollback --jenkins-url https://j/ "
            "--ca-file 'my ca.pem' p --no-cluster",
        ),
        ("migrate scan    # or --ca-file FILE", f"migrate scan{SAID}    # or --ca-file FILE"),
    ],
)
def test_each_command_in_a_text_gets_what_it_takes(text: str, told: str) -> None:
    assert with_given(text, GIVEN) == told
    assert with_given(told, GIVEN) == told


def test_plans_lie_where_the_option_says() -> None:
    at = with_plans(GIVEN, "the changes")
    assert plan_folder(at, "t") == "the changes/t" and plan_folder(GIVEN, "t") == "plans/t"
    assert with_plans(at, "plans") == GIVEN and with_plans(at, "c") == (*GIVEN, (PLANS, "c"))
    # Of what looks like a secret, nothing is repeated.
    assert with_plans(GIVEN, "ab" * 32) == GIVEN
    told = with_given("migrate plan --name NAME, then migrate apply plans/NAME", at[2:])
    assert told == (
        "migrate plan --no-cluster --plans 'the changes' --name NAME, then migrate apply "
        "--no-cluster 'the changes/NAME'"
    )
    assert with_given(told, at[2:]) == told
    assert with_given("migrate verify", at[3:]) == "migrate verify --plans 'the changes'"


values = st.text(min_size=1, max_size=30)


@for_all(st.sampled_from(sorted(TAKES)), st.dictionaries(st.sampled_from(CONNECTION), values))
def test_whatever_was_given_is_one_word_of_the_shell(command: str, options: dict[str, str]) -> None:
    given = tuple((name, "" if name in FLAGS else value) for name, value in options.items())
    told = with_given(f"migrate {command} plans/t", given)
    words = shlex.split(told)
    assert "\n" not in told
    assert words[:2] == ["migrate", command]
    assert words[-1] == "plans/t"
    named = [name for name, _ in given]
    assert len(words) == 3 + len(named) + sum(name not in FLAGS for name in named)


@pytest.mark.parametrize(
    ("option", "value", "safe"),
    [
        ("--jenkins-url", "https://j.example/jenkins/", True),
        ("--jenkins-url", "https://ann:pw@j.example/", False),
        ("--jenkins-url", "https://ann@j.example/", False),
        ("--token-file", "~/.config/token", True),
        ("--context", "ann@prod", True),
        ("--context", "ab" * 32, False),
        ("--confirm", "j.example", False),
    ],
)
def test_no_secret_is_repeated(option: str, value: str, safe: bool) -> None:
    assert is_safe(option, value) is safe
