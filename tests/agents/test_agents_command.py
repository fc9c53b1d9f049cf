"""Old command in, WebSocket command out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.agents.command import (
    LaunchLine,
    Option,
    in_place,
    read_launch,
    read_options,
    split_command,
    to_websocket,
    websocket_options,
)

URL = "https://j.example.org/"
NEW, OLD = "3206.vb_15dcf73f6a_9", "3160.vd76b_9ddd10cc"


def converted(command: str, version: str, node: str = "n", work_dir: str | None = None) -> str:
    line = read_launch(command, node)
    assert line is not None
    return " ".join(to_websocket(line, node, URL, version, work_dir).line.argv())


@pytest.mark.parametrize(
    ("old", "version", "new"),
    [
        (
            "java -Xmx9m -jar a.jar -url https://h/ -name n -secret @s -workDir /w",
            NEW,
            "java -Xmx9m -jar a.jar -webSocket -url https://h/ -name n -secret @s -workDir /w",
        ),
        (
            "java -jar a.jar -url https://h/ -url https://k/ -name n -secret @s -tunnel h:1 "
            "-noKeepAlive -credentials u:p",
            NEW,
            "java -jar a.jar -webSocket -url https://h/ -name n -secret @s",
        ),
        (
            "java -cp a.jar hudson.remoting.jnlp.Main -headless -url https://h/ -workDir /w @s n",
            OLD,
            "java -cp a.jar hudson.remoting.jnlp.Main -headless -webSocket -url https://h/ "
            "-workDir /w @s n",
        ),
        (
            "java -cp a.jar hudson.remoting.jnlp.Main -direct h:1 -instanceIdentity x "
            "-protocols JNLP4-connect @s n",
            OLD,
            "java -cp a.jar hudson.remoting.jnlp.Main -headless -webSocket -url "
            "https://j.example.org/ @s n",
        ),
        (
            "java -jar a.jar -jnlpUrl https://h/computer/n/jenkins-agent.jnlp -secret @s",
            NEW,
            "java -jar a.jar -webSocket -url https://j.example.org/ -name n -secret @s",
        ),
        (
            "java -jar a.jar -jnlpUrl https://h/computer/n/jenkins-agent.jnlp -secret @s "
            "-noReconnect",
            OLD,
            "java -cp a.jar hudson.remoting.jnlp.Main -headless -webSocket -url "
            "https://j.example.org/ -noreconnect @s n",
        ),
        (
            "java -jar a.jar -url https://h/ -name n -secret @s -cert @c",
            "3180",
            "java -jar a.jar -webSocket -url https://h/ -name n -secret @s",
        ),
        (
            "java -jar a.jar -url https://h/ -name n -secret @s -cert @c",
            NEW,
            "java -jar a.jar -webSocket -url https://h/ -name n -secret @s -cert @c",
        ),
    ],
)
def test_conversion(old: str, version: str, new: str) -> None:
    assert converted(old, version) == new
    assert converted(new, version) == new  # Doing it twice changes nothing.


def test_a_jnlp_agent_gets_the_work_dir_that_its_jnlp_file_told() -> None:
    old = "java -jar a.jar -jnlpUrl https://h/computer/n/jenkins-agent.jnlp -secret @s"
    assert converted(old, NEW, work_dir="/w").endswith("-name n -secret @s -workDir /w")
    assert "-workDir /x" in converted(old + " -workDir /x", NEW, work_dir="/w")


def test_names_with_spaces_survive_a_command_that_was_joined_by_spaces() -> None:
    line = read_launch("java -jar a.jar -url u -name node c é -secret @s", "node c é")
    assert line is not None and line.value("-name") == "node c é"
    line = read_launch(
        "hudson.remoting.jnlp.Main -headless -url u **** node c é", "node c é", jar="/a.jar"
    )
    assert line is not None and line.positional == ("****", "node c é")
    assert line.jar == "/a.jar" and line.main_class


def test_windows_paths_keep_their_backslashes() -> None:
    words = split_command(r'"C:\Program Files\java.exe" -jar C:\j\agent.jar', windows=True)
    assert words == (r"C:\Program Files\java.exe", "-jar", r"C:\j\agent.jar")


@pytest.mark.parametrize(
    "command", ["", "java", "sh start.sh", "java -Dx=y com.example.Main -url u"]
)
def test_what_is_no_agent_command_is_not_understood(command: str) -> None:
    assert read_launch(command, "n") is None


word = st.text("abcXYZ019/._-", min_size=1, max_size=8).filter(
    lambda w: not w.startswith("-") and not w.endswith(".jar")
)


@given(
    st.lists(st.tuples(st.sampled_from(["-workDir", "-internalDir", "-loggingConfig"]), word)),
    word,
    word,
)
def test_reading_and_writing_a_command_changes_nothing(
    options: list[tuple[str, str]], name: str, secret: str
) -> None:
    line = LaunchLine(
        "java",
        ("-Xmx1m",),
        "a.jar",
        "",
        tuple(
            Option(key, value)
            for key, value in (("-url", "u"), ("-name", name), ("-secret", "@" + secret), *options)
        ),
    )
    assert read_launch(" ".join(line.argv()), name) == line


@given(st.text(max_size=80), st.text(min_size=1, max_size=10))
def test_any_text_is_read_or_refused_without_an_error(command: str, name: str) -> None:
    line = read_launch(command, name)
    if line is not None:
        made = to_websocket(line, name, URL, OLD, None).line.argv()
        assert made.count("-webSocket") == 1 or "-webSocket" in line.argv()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("S n -workDir /w -tunnel h:1 -url u", "S n -webSocket -workDir /w -url u"),
        ("-headless S n -url u -workDir=/w", "-headless S n -webSocket -url u -workDir=/w"),
        ("-url u -tunnel h:1 S -noKeepAlive n", "-webSocket -url u S n"),
        ("S -tunnel h:1 n", "S n -webSocket -url https://j.example.org/"),
        ("-url u -url v S n", "-webSocket -url u S n"),
    ],
)
def test_secret_and_name_stay_where_they_stand(old: str, new: str) -> None:
    words = old.split()
    options, positional, strange = read_options(words)
    assert positional == ("S", "n") and not strange
    made = websocket_options(options, NEW, URL)
    assert in_place(words, made, positional) == tuple(new.split())


@given(
    st.lists(
        st.sampled_from(["-workDir /w", "-workDir=/w", "-tunnel h:1", "-noReconnect", "-url u"]),
        unique_by=lambda o: o[:5],
    ),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_nothing_is_moved_where_nothing_changes(parts: list[str], first: int, second: int) -> None:
    rows = [*parts]
    rows.insert(first, "S")
    rows.insert(max(second, first + 1), "n")
    words = " ".join(rows).split()
    options, positional, _ = read_options(words)
    assert in_place(words, options, positional) == tuple(words)
