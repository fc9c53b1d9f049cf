"""docs/ is in step with the code and with itself."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_architecture_names_every_package() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {p.parent.name for p in (ROOT / "migrate").glob("*/__init__.py")}
    assert packages
    assert {name for name in packages if f"`{name}/`" not in text} == set()


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    journeys = text.split("## Five journeys")[1].split("## ")[0]
    named = re.findall(r"`([a-z_/]+/[a-z_]+)\.(?:py|[A-Z]\w+)`", journeys)
    assert len(named) > 15
    engine = {"record", "admission", "run"}
    for name in named:
        path = f"engine/{name}" if name.split("/")[0] in engine else name
        assert (ROOT / "migrate" / f"{path}.py").is_file(), f"{name} is not there"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\((\S+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {p.name for p in folder.glob("0*.md")}
    for name in listed:
        text = (folder / name).read_text("utf-8")
        for part in ("**Decided.**", "**Why.**", "**Rejected.**"):
            assert part in text, f"{name} does not say {part}"


def test_what_is_read_has_types() -> None:
    """Few dicts of anything outside of the adapters, and of the sandbox, which answers as the real
    ones do: an object of Kubernetes is kept as it was served (``model.kube``)."""
    outside = (
        path
        for path in (ROOT / "migrate").rglob("*.py")
        if path.relative_to(ROOT / "migrate").parts[0] not in ("sandbox", "jenkins", "cluster")
    )
    raw = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in outside
        for line in path.read_text(encoding="utf-8").splitlines()
        if "dict[str, Any]" in line
    ]
    assert len(raw) <= 10, "\n".join(raw)


def test_every_test_that_the_security_page_names_is_there() -> None:
    table = (ROOT / "docs/security.md").read_text("utf-8").split("## Where it is tested")[1]
    named = re.findall(r"(tests/\w+/\w+\.py)(?:::(\w+))?", table)
    assert len(named) > 20
    for file, test in named:
        assert f"def {test or 'test_'}" in (ROOT / file).read_text("utf-8"), f"{file} {test}"


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "migrate").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_a_conftest_that_mypy_leaves_out_has_nothing_to_type() -> None:
    """All have one name, which mypy takes once: tests/conftest.py is the one that it reads."""
    found = list((ROOT / "tests").glob("*/conftest.py"))
    assert found
    for path in found:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made = [type(node).__name__ for node in tree.body]
        assert set(made) <= {"Expr", "Import", "ImportFrom", "Assign"}, path
