"""What the tests of every launch editor share."""

from hypothesis import strategies as st

from migrate.agents.launch.base import Editor, Wanted
from migrate.splice.edit import Edit, undo
from migrate.splice.text import decode, encode

NEW, OLD = "3206.vb_15dcf73f6a_9", "3160.vd76b_9ddd10cc"
SECRET = "c0ffee" * 10 + "beef"
URL = "https://jenkins.example.org/"


def wanted(node: str = "n1", version: str | None = NEW, **more: object) -> Wanted:
    return Wanted(node, URL, version, **more)  # type: ignore[arg-type]


def edited(editor: Editor, text: str, want: Wanted) -> Edit:
    """The edit, after checks that hold for every one of them."""
    edit = editor.to_websocket(text, want)
    assert SECRET not in edit.diff + repr(edit) + " ".join(edit.notes)
    assert all(SECRET not in launch.command for launch in editor.launches(text, want.path))
    assert bool(edit.diff) == edit.changed and bool(edit.reason) != edit.changed
    assert undo(edit, edit.text) == edit.original
    if edit.path == want.path:
        assert edit.original == text
        again = editor.to_websocket(edit.text, want)
        assert again.text == edit.text and not again.changed
        assert encode(decode(encode(edit.text))) == encode(edit.text)
    return edit


names = st.text("abcXYZ019é ._-'\"$%&<>\\", min_size=1, max_size=8).filter(
    lambda name: name.strip() == name and name.strip() and not name.startswith("-")
)
plain = st.text("abcXYZ019._/-", min_size=1, max_size=8).filter(
    lambda value: not value.startswith("-") and not value.endswith(".jar")
)
options = st.lists(
    st.sampled_from(
        [
            ("-workDir", "/w"),
            ("-internalDir", "i d"),
            ("-noReconnect",),
            ("-tunnel", "h:1"),
            ("-direct", "h:2"),
            ("-noKeepAlive",),
            ("-credentials", "u:p"),
            ("-cert", "@/c"),
            ("-webSocket",),
            ("-url", "https://second.example.org/"),
            ("-loggingConfig", "/l$x"),
        ]
    ),
    unique=True,
    max_size=6,
)


@st.composite
def argvs(draw: st.DrawFn, name: st.SearchStrategy[str] = names) -> tuple[str, list[str]]:
    """A node's name and the command of its agent."""
    node = draw(name)
    parts: list[tuple[str, ...]] = [
        ("-url", "https://h.example.org/"),
        ("-name", node),
        ("-secret", draw(st.sampled_from([SECRET, "@/s"]))),
    ]
    middle = draw(st.permutations([*parts, *draw(options)]))
    return node, ["java", "-Xmx64m", "-jar", "/o/agent.jar", *[w for part in middle for w in part]]


def judged(argv: list[str], version: str | None = NEW) -> None:
    """Whether agent.jar accepts this command for WebSocket (facts of hudson.remoting.Launcher)."""
    forbidden = {"-tunnel", "-direct", "-credentials", "-noKeepAlive"}
    if version != NEW:
        forbidden.add("-cert")
    assert argv.count("-webSocket") == 1 and argv.count("-url") == 1
    assert not forbidden & set(argv)


def kept(before: list[str], after: list[str]) -> None:
    """What has nothing to do with the transport is there as before, in the same order."""
    own = {"java", "-Xmx64m", "-jar", "/o/agent.jar", "-workDir", "/w", "-internalDir", "i d"}
    own |= {"-noReconnect", "-loggingConfig", "/l$x", "-name", "-secret"}
    assert [w for w in before if w in own] == [w for w in after if w in own]
