"""A secret that was read is found again in whatever form it comes back."""

import base64
import html
import json
import threading
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.model.known_secrets import KnownSecrets, known
from migrate.model.secrets import MASK, mask

SECRETS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=8, max_size=40)


@settings(max_examples=examples(150))
@given(secret=SECRETS, before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_every_form_is_hidden(secret: str, before: bytes, after: bytes) -> None:
    secrets = KnownSecrets()
    secrets.remember(secret, user="ann")
    raw = secret.encode()
    for text in (
        secret,
        secret.upper() if secret.isascii() else secret,
        quote(secret, safe=""),
        json.dumps({"x": secret}),
        json.dumps(json.dumps({"x": secret})),
        html.escape(f"<title>{secret}</title>"),
        raw.hex(),
    ):
        shown = secrets.hide(f"x {text} y")
        assert MASK in shown and secret not in shown
    shown = secrets.hide(base64.b64encode(before + raw + after).decode())
    # At most the two letters that share bits with what stands beside it are left of it.
    assert MASK in shown and len(shown) - len(MASK) <= 4 * (len(before) + len(after)) / 3 + 8
    assert MASK in secrets.hide(base64.b64encode(f"ann:{secret}".encode()).decode())


def test_a_short_word_is_hidden_as_a_word_and_a_shorter_one_nowhere() -> None:
    secrets = KnownSecrets()
    secrets.remember("hunter", user=None)
    secrets.remember("abc")
    assert secrets.hide("hunter's hunters abc") == "****'s hunters abc"


def test_passwords_and_tokens_of_urls() -> None:
    secrets = KnownSecrets()
    secrets.remember_url("http://bob:p%40ss-word@proxy:3128")
    secrets.remember_url("https://some-token@git.example/")
    secrets.remember_url("carol:other-word@proxy:3128")
    secrets.remember_url("http://[broken")
    secrets.remember_url(None)
    shown = secrets.hide("p%40ss-word p@ss-word some-token other-word proxy")
    assert shown == "**** **** **** **** proxy"


def test_threads_know_the_same() -> None:
    known().remember("a-secret-of-this-test")
    shown: list[str] = []
    thread = threading.Thread(target=lambda: shown.append(mask("x a-secret-of-this-test")))
    thread.start()
    thread.join()
    assert shown == ["x ****"]


@pytest.mark.parametrize("count", [2000])
def test_many_are_bounded(count: int) -> None:
    secrets = KnownSecrets()
    for number in range(count):
        secrets.remember(f"secret-number-{number}")
    assert secrets.hide(f"secret-number-{count - 1}") == MASK
