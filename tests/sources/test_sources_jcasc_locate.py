"""Finding, in a checkout, the one file that sets a cloud; and reading no more than is sound."""

import os
from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.model.sources import SourceFile, SourcesWanted
from migrate.sources.jcasc import checkout
from migrate.sources.jcasc.checkout import read_checkouts
from migrate.sources.jcasc.locate import locate, sha256
from migrate.splice.text import MAX_CHARS


def casc(*names: str, port: bool = False, more: str = "") -> str:
    head = "jenkins:\n" + ("  slaveAgentPort: 50000\n" if port else "") + "  clouds:\n"
    one = "  - kubernetes:\n      name: {}\n      jenkinsTunnel: h:1\n"
    return head + "".join(one.format(name) for name in names) + more


def file(path: str, text: str, source: str = "/src") -> SourceFile:
    return SourceFile(source, path, text)


def test_clouds_of_one_file_are_one_edit_and_the_port_comes_after_it() -> None:
    text = casc("a", "b", "c", port=True)
    found = locate([file("x/casc.yaml", text)], SourcesWanted(("a", "c"), port=True))
    clouds, port = found.edits
    assert (clouds.path, clouds.clouds, clouds.port) == ("x/casc.yaml", ("a", "c"), False)
    assert clouds.sha256 == sha256(text)
    assert clouds.diff.count("+      webSocket: true") == 2
    assert (port.clouds, port.port, port.sha256) == ((), True, clouds.after_sha256)
    assert port.diff.count("slaveAgentPort: -1") == 1 and not found.skips


def test_what_is_not_there_ambiguous_or_not_readable_is_told() -> None:
    files = [
        file("one.yaml", casc("twice", "good", port=True)),
        file("two.yaml", casc("twice", port=True), source="/other"),
        file("bad.yaml", "jenkins: {clouds: [\n"),
        file("tpl.yaml", casc().replace("clouds:", "clouds: {{ .x }}: y")),
        file("cm.yaml", "kind: ConfigMap\ndata:\n  a.yaml: |\n    clouds: [\n"),
        file("done.yaml", casc("there").replace("jenkinsTunnel: h:1", "webSocket: true")),
        file("hard.yaml", casc("hard").replace("h:1", "&a h:1")),
    ]
    wanted = SourcesWanted(("twice", "good", "gone", "there", "hard"), port=True)
    found = locate(files, wanted)
    assert [(e.path, e.clouds) for e in found.edits] == [("one.yaml", ("good",))]
    told = {skip.subject: skip.reason for skip in found.skips}
    assert "in one.yaml, two.yaml: which of them" in told["cloud twice"]
    assert "no file of the sources" in told["cloud gone"]
    assert "done.yaml: it says so already" in told["cloud there"]
    assert "anchor" in told["cloud hard"]
    assert "is set 2 times" in told["controller's agent port"]
    assert "no YAML" in told["bad.yaml"] and "a.yaml: it is no YAML" in told["cm.yaml"]
    assert all(skip.reason and skip.needed for skip in found.skips)


def test_two_sources_with_a_file_of_one_path_are_not_told_apart_by_it() -> None:
    files = [file("c.yaml", casc("a")), file("c.yaml", casc("b"), source="/other")]
    found = locate(files, SourcesWanted(("a", "b")))
    assert [e.clouds for e in found.edits] == [("a",)]
    assert [(s.subject, s.reason) for s in found.skips] == [
        ("cloud b", "another source has a c.yaml, too")
    ]


def test_a_checkout_is_read_within_its_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = tmp_path / "repo", tmp_path / "outside"
    outside.mkdir()
    (outside / "o.yaml").write_text(casc("outside"))
    (root / "deep" / "er" / "still").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "x.yaml").write_text(casc("git"))
    (root / "a.yaml").write_bytes(b"\xef\xbb\xbf" + casc("a").encode() + b"# \xff\r\n")
    (root / "b.YML").write_text(casc("b"))
    (root / "note.yaml").write_text("nothing: here\n")
    (root / "c.txt").write_text(casc("c"))
    (root / "big.yaml").write_text("#" * (MAX_CHARS + 1))
    (root / "deep" / "er" / "d.yaml").write_text(casc("d"))
    (root / "deep" / "er" / "still" / "e.yaml").write_text(casc("e"))
    (root / "in.yaml").symlink_to("b.YML")
    (root / "out.yaml").symlink_to(outside / "o.yaml")
    (root / "dir").symlink_to(outside)
    os.mkfifo(root / "pipe.yaml")
    monkeypatch.setattr(checkout, "MAX_DEPTH", 2)
    files, skips = read_checkouts((root, root / "deep", root))
    assert [f.path for f in files] == ["a.yaml", "b.YML", "deep/er/d.yaml", "er/still/e.yaml"]
    assert files[0].text.encode("utf-8", "surrogateescape") == (root / "a.yaml").read_bytes()
    told = {skip.subject: skip.reason for skip in skips}
    assert set(told) == {"big.yaml", "out.yaml", "deep/er"}
    assert "not followed" in told["out.yaml"]
    for limit in ("MAX_ENTRIES", "MAX_READ", "MAX_HELD"):
        monkeypatch.setattr(checkout, limit, 1)
        assert any("more than 1 " in skip.reason for skip in read_checkouts((root,))[1])
        monkeypatch.undo()


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    for path in (tmp_path / "f", tmp_path / "gone"):
        with pytest.raises(UsageProblem, match="can't be read"):
            read_checkouts((path,))


NODES = (
    "jenkins:\n  slaveAgentPort: 50000\n  nodes:\n"
    '    - permanent:\n        name: "b1"\n        launcher:\n          inbound:\n'
    '            tunnel: "ci:50000"\n            webSocket: false\n'
)


def test_a_node_and_the_port_of_one_file_are_two_edits() -> None:
    found = locate([file("jenkins.yaml", NODES)], SourcesWanted(nodes=("b1",), port=True))
    first, last = found.edits
    assert (first.nodes, first.port, last.nodes, last.port) == (("b1",), False, (), True)
    assert last.sha256 == first.after_sha256 and not found.skips
    assert "+            webSocket: true" in first.diff and "slaveAgentPort: -1" not in first.diff


@pytest.mark.parametrize("apart", [False, True])
def test_no_deploy_closes_the_port_under_a_node_that_it_leaves_on_tcp(apart: bool) -> None:
    files = [file("jenkins.yaml", NODES)]
    if apart:
        head, _, rest = NODES.partition("  nodes:")
        files = [file("a.yaml", head), file("b.yaml", "jenkins:\n  nodes:" + rest)]
    found = locate(files, SourcesWanted(port=True, known_nodes=("b1",)))
    assert not found.edits
    (skip,) = found.skips
    assert "b1 (" in skip.reason and "would leave nodes on TCP" in skip.reason
    elsewhere = locate(files, SourcesWanted(port=True))
    assert bool(elsewhere.edits) is apart


def test_a_node_that_says_so_needs_no_edit() -> None:
    done = NODES.replace("webSocket: false", "webSocket: true").replace("ci:50000", "")
    found = locate([file("jenkins.yaml", done)], SourcesWanted(nodes=("b1",), port=True))
    assert [edit.port for edit in found.edits] == [True] and not found.skips
