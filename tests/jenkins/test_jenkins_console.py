"""What is sent to the script console, and how its answer is read."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.jenkins.console import BEGIN, END, parse_result, render, timeout_for
from migrate.jenkins.errors import ScriptFailed

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_no_argument_becomes_code(arguments: dict[str, object]) -> None:
    first, second, *_ = render("echo", arguments).split("\n")
    prefix, script, tag = first.rsplit(" ", 2)
    assert (prefix, script) == ("// migrate-script:", "echo")
    assert json.loads(base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4))) == arguments
    packed = second.split("'")[1]
    assert json.loads(base64.b64decode(packed)) == arguments
    assert set(packed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


@pytest.mark.parametrize("name", ["../x", "nosuch", "Echo", "", "echo.groovy"])
def test_only_known_scripts(name: str) -> None:
    with pytest.raises(ValueError, match="script"):
        render(name, {})


def test_results() -> None:
    output = 'noise\r\n<<<migrate\r\n{"a": "\\u00e9"}\r\nmigrate>>>\r\nResult: x\r\n'
    assert parse_result("echo", "x", output) == {"a": "é"}


@pytest.mark.parametrize(
    "output",
    [
        "",
        "<html>login</html>",
        "<<<migrate\n",
        "<<<migrate\n{}\n",
        "<<<migrate\nnot json\nmigrate>>>\n",
        "<<<migrate\nmigrate>>>\n",
    ],
)
def test_output_without_a_result_is_a_failure(output: str) -> None:
    with pytest.raises(ScriptFailed):
        parse_result("echo", "the controller", output)


def test_a_failure_tells_its_first_line_without_secrets() -> None:
    secret = "ab" * 32
    output = f"\njava.io.IOException: -secret {secret}\x1b[31m\n\tat x\n"
    with pytest.raises(ScriptFailed) as caught:
        parse_result("upgrade-jar", "node 'a'", output)
    assert "java.io.IOException" in caught.value.cause
    assert secret not in caught.value.cause
    assert "\x1b" not in caught.value.cause


def test_timeouts() -> None:
    assert timeout_for("echo", {}) == 120
    assert timeout_for("describe-launch", {}) == 180
    assert timeout_for("probe-from-host", {"timeout": 10}) == 150
    assert timeout_for("try-ports", {"timeout": 5}) == 75


def test_a_result_can_be_written_again() -> None:
    output = f'{BEGIN}\n{{"name": "a\\ud800b"}}\n{END}\n'
    assert parse_result("echo", "x", output) == {"name": "a\ufffdb"}
    with pytest.raises(ScriptFailed, match="its result can't be read: it is nested too deeply"):
        parse_result("echo", "x", f"{BEGIN}\n{'[' * 200_000}\n{END}\n")


def test_a_page_of_many_megabytes_is_told_by_its_start() -> None:
    """Masking all of it took minutes; in the time limit of a test it did not end."""
    with pytest.raises(ScriptFailed, match="failed on x: <html>") as caught:
        parse_result("echo", "x", "\n <html>" + '{"a": "b"},' * 3_000_000)
    assert len(caught.value.cause) < 400
