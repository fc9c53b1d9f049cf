"""Text from outside can't act on a terminal, a page or a folder."""

import html
import json
import re
import shlex
import subprocess
import unicodedata
from html.parser import HTMLParser

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pyte.screens import wcwidth
from ruamel.yaml import YAML

from migrate.model.text import (
    code_block,
    code_span,
    file_name,
    html_lines,
    html_text,
    json_visible,
    markdown,
    powershell_quote,
    same_files,
    sh_heredoc,
    systemd_word,
    visible,
    visible_lines,
    windows_word,
    yaml_word,
)
from migrate.splice.systemd_words import read_words

MARKDOWN = MarkdownIt().enable(["table", "strikethrough"])
YAML11 = YAML(typ="safe", pure=True)
YAML11.version = (1, 1)
"""What JCasC (SnakeYAML) and kubectl read: there ``no`` is false."""

hostile = st.text() | st.sampled_from(
    [
        "\x1b[2J",
        "a\u202eb",
        "x\r\ny",
        "`rm`",
        "a|b",
        "../..",
        "<b>",
        "[x](y)",
        "\ufeff",
        "é" * 99,
        "``",
    ]
)


@given(hostile)
def test_visible_text_has_no_controls(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(c) == "Cc" for c in shown)
    assert not set(shown) & set(
        "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    assert visible(shown) == shown


@given(hostile)
def test_lines_stay_lines(text: str) -> None:
    assert set(visible_lines(text)) & {"\r", "\x1b", "\u202e"} == set()


def read_markdown(source: str) -> tuple[str, set[str]]:
    """What a reader of the page sees, and what else than text is in it."""
    inline = [token for token in MARKDOWN.parse(source) if token.type == "inline"]
    parts = [part for token in inline for part in token.children or ()]
    return "".join(part.content for part in parts), {part.type for part in parts}


@given(hostile)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    # A page takes blanks at the ends of a line away.
    for source in (f"x{markdown(text)}x", f"|a|\n|---|\n|x{markdown(text)}x|"):
        seen, kinds = read_markdown(source)
        assert seen.removeprefix("a") == f"x{visible(text)}x"
        assert kinds <= {"text", "text_special", "entity"}
    assert not re.search(r"(?i)https?://|www\.|@", markdown(text))


@given(hostile)
def test_a_code_span_can_not_be_left(text: str) -> None:
    span = code_span(text)
    fence = re.match(r"`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall(r"`+", inside)


@given(hostile)
def test_a_code_block_can_not_be_left(text: str) -> None:
    [token] = MARKDOWN.parse(code_block(text))
    assert (token.type, token.content) == ("fence", visible_lines(text) + "\n")


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(hostile)
def test_html_is_text_in_an_element_and_in_an_attribute(text: str) -> None:
    page = _Html()
    page.feed(f'<p title="{html_text(text)}">{html_text(text)}</p>')
    page.close()
    assert page.tags == [("p", [("title", visible(text))])]
    assert page.text == visible(text)
    assert html.unescape(html_lines(text)) == visible_lines(text)


@given(hostile)
@example("\u1161")
def test_a_terminal_shows_text_in_one_row_and_obeys_none_of_it(text: str) -> None:
    # pyte 0.8 draws no further at a mark without a width that combines with nothing (U+1161).
    text = "".join(c for c in text if wcwidth(c) or unicodedata.combining(c))
    screen = pyte.Screen(4000, 3)
    pyte.Stream(screen).feed(visible(text)[:1500] + "|")
    assert (screen.title, screen.icon_name, screen.cursor.y) == ("", "", 0)
    assert screen.mode == pyte.Screen(4000, 3).mode
    assert screen.display[0].rstrip().endswith("|")


@given(hostile | st.sampled_from(["true", "No", "null", "~", "1e3", "- a", "a: b", "\x7f", "😀"]))
def test_a_yaml_word_is_read_back_as_the_same_text(text: str) -> None:
    text = "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
    for word in (f"name: {yaml_word(text)}\n", f"[{yaml_word(text)}]"):
        [read] = (lambda d: d.values() if isinstance(d, dict) else d)(YAML11.load(word))
        assert read == text
    assert visible(yaml_word(text)) == yaml_word(text)


def test_words_that_mean_something_in_yaml_are_quoted() -> None:
    meaning = ("true", "False", "NO", "off", "null", "y", "")
    assert [yaml_word(word) for word in meaning] == [f'"{word}"' for word in meaning]
    assert yaml_word("linux-1_a") == "linux-1_a"


in_a_shell = st.text(st.characters(exclude_categories=["Cs"]))


def run_sh(script: str) -> str:
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True)
    return done.stdout.decode()


@given(st.lists(in_a_shell | st.sampled_from(["'", "$(id)", "`id`", "a\nb", "\\", "-n", "*"])))
def test_a_shell_reads_words_back(texts: list[str]) -> None:
    words = [text.replace("\0", "") for text in texts]
    said = run_sh(f"for w in {shlex.join(words)}; do printf '%s|' \"$w\"; done")
    assert said == "".join(f"{word}|" for word in words)


@given(
    in_a_shell | st.sampled_from(["END", "Eя\nя", "a\nEND\nid", "$(id)\nEND", "\\", "a\r\nEND\r\n"])
)
def test_a_shell_reads_a_here_document_to_its_own_end(text: str) -> None:
    text = text.replace("\0", "")
    said = run_sh(f"cat <<'END'\n{sh_heredoc(text, 'END')}\necho after\n")
    rows = text.removesuffix("\n").split("\n")
    *read, after, last = said.split("\n")
    assert [after, last] == ["after", ""]
    assert [row.removeprefix(" ") for row in read] == [row.removeprefix(" ") for row in rows]
    assert read == rows or any(row[:1] == "E" or row.strip() == "END" for row in rows)


POWERSHELL = re.compile(r"'((?:[^']|'')*)'|\[char\]0x([0-9a-f]{4})")


@given(hostile | st.sampled_from(["’", "“", "а'б", "$x", "`n", "😀"]))
def test_powershell_reads_ascii_back_in_any_code_page(text: str) -> None:
    expression = powershell_quote(text)
    assert expression.isascii()
    assert re.fullmatch(
        rf"\(({POWERSHELL.pattern})( \+ ({POWERSHELL.pattern}))*\)|{POWERSHELL.pattern}", expression
    )
    units = b"".join(
        bytes.fromhex(m[2]) if m[2] else m[1].replace("''", "'").encode("utf-16-be")
        for m in POWERSHELL.finditer(expression)
    )
    assert units.decode("utf-16-be", "surrogatepass") == text


def argv_of_windows(line: str) -> list[str]:
    """CommandLineToArgvW, for what stands behind the program (Microsoft's reference)."""
    words, word, quoted, begun, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        if line[at : at + 1] == '"':
            word += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            at += 1
            continue
        word += "\\" * slashes
        begun = begun or slashes > 0
        if at < len(line):
            if line[at] in " \t" and not quoted:
                words += [word] if begun else []
                word, begun = "", False
            else:
                word, begun = word + line[at], True
            at += 1
    return [*words, word] if begun else words


@given(st.lists(st.text("ab\\\" \t'") | st.text(), max_size=4))
def test_windows_reads_words_back(words: list[str]) -> None:
    assert argv_of_windows(" ".join(map(windows_word, words))) == words


@given(st.lists(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"])), max_size=4))
def test_systemd_reads_words_back(texts: list[str]) -> None:
    line = " ".join(map(systemd_word, texts))
    assert "\n" not in line
    words = read_words(line, 0, len(line), {}, None)
    assert [word.value for word in words] == texts


def test_no_line_of_a_unit_is_ended_by_a_word() -> None:
    assert systemd_word("a\nExecStart=/bin/sh\r\t") == '"a\\nExecStart=/bin/sh\\r\t"'


@given(hostile)
def test_json_is_the_same_data_in_what_can_be_seen(text: str) -> None:
    shown = json_visible(json.dumps({"a": [text]}, ensure_ascii=False, indent=1))
    assert json.loads(shown) == {"a": [text]}
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")


@given(st.lists(hostile, min_size=2, max_size=2, unique=True))
def test_file_names_are_safe_and_stay_apart(texts: list[str]) -> None:
    one, two = map(file_name, texts)
    assert re.fullmatch(r"[A-Za-z0-9.-]+", one) and len(one) <= 100
    for name in (one, two):
        assert not name.startswith((".", "-")) and not name.endswith((".", " "))
        assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)
    assert one != two
    apart = same_files(texts)
    assert len({file_name(text, apart=text in apart).lower() for text in texts}) == 2


@pytest.mark.parametrize("name", ["CON", "nul", "Aux.log", "COM1", "lpt9.x", "PRN.a.b"])
def test_no_file_has_the_name_of_a_windows_device(name: str) -> None:
    assert re.fullmatch(rf"node-{re.escape(name)}-[0-9a-f]{{8}}", file_name(name))


def test_names_that_differ_by_capitals_alone_get_files_of_their_own() -> None:
    apart = same_files(["Linux-1", "linux-1", "linux-2"])
    assert apart == {"Linux-1", "linux-1"}
    assert file_name("linux-2", apart="linux-2" in apart) == "linux-2"
    assert re.fullmatch(r"Linux-1-[0-9a-f]{8}", file_name("Linux-1", apart=True))


def test_an_ending_dot_and_a_surrogate_make_a_name_of_their_own() -> None:
    assert file_name("a.") != "a." and not file_name("a.").endswith(".")
    assert file_name("a ").startswith("a-")
    assert file_name("\ud800").startswith("node-")


def test_plain_names_stay_as_they_are() -> None:
    assert file_name("linux-1.example") == "linux-1.example"
    assert file_name("node c é").startswith("node-c-e-")
