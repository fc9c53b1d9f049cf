"""All finders together."""

from sources_cases import edited, found_in

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.registry import look


def test_no_finding_and_no_note_is_said_twice() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n"
        "  metadata: {name: tcp}\n  data:\n    '50000': ci/agents:50000\n"
    )
    found = found_in({"a.yaml": text})
    assert len(set(found.findings)) == len(found.findings) == 1
    assert len(set(found.by_hand)) == len(found.by_hand) == 1


def test_nothing_of_files_that_say_nothing() -> None:
    files = {"a.yaml": "a: 1\n", "b.sh": "#!/bin/sh\ntrue\n", "c": "", "d.yaml": "\ufeff"}
    found = look([SourceText(p, t) for p, t in files.items()], LookOptions())
    assert (found.edits, found.by_hand, found.findings) == ((), (), ())


def test_hostile_texts_end_no_finder() -> None:
    deep = "".join(f"{' ' * n}jenkins:\n" for n in range(60))
    files = {
        "deep.yaml": deep + " " * 60 + "slaveAgentPort: 1\n",
        "bombs.yaml": "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50)),
        "odd.yaml": "jenkins:\n  nodes: 1\n  clouds: {kubernetes: []}\n  slaveAgentPort: [1]\n",
        "odd.json": '{"kind": "Service", "apiVersion": 1, "spec": {"ports": [1, null, {}]}}',
        "half.sh": "#!/bin/sh\njava -jar agent.jar -url 'x\n",
        "half.xml": "<service><executable>java</executable><arguments>-jar agent.jar -url",
    }
    assert edited(files) == files
