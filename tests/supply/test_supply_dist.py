"""The wheel and the sdist hold what they should, and nothing of a machine."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest
from sbom import bill, pins

import migrate

ROOT = Path(__file__).parents[2]
INFO = f"jenkins_agent_migrate-{migrate.__version__}.dist-info"
OURS = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "migrate").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    yield folder


def test_the_wheel_is_the_package_and_its_record(dist: Path) -> None:
    [wheel] = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        head = Parser().parsestr(file.read(f"{INFO}/METADATA").decode())
        sbom = json.loads(file.read(f"{INFO}/sboms/sbom.cdx.json"))
        programs = file.read(f"{INFO}/entry_points.txt").decode()
    own = {name for name in names if not name.startswith(f"{INFO}/")}
    assert own == OURS
    assert {"migrate/py.typed", "migrate/jenkins/scripts/inventory.groovy"} <= own
    assert any(name.endswith("/body.ps1") for name in own)
    told = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert names - own == {f"{INFO}/{name}" for name in (*told, "sboms/sbom.cdx.json")}
    assert (head["Name"], head["Version"]) == ("jenkins-agent-migrate", migrate.__version__)
    assert (head["License-Expression"], head["Requires-Python"]) == ("MIT", ">=3.11")
    assert "migrate = migrate.cli.main:run" in programs
    assert sbom["metadata"]["component"]["version"] == migrate.__version__


def test_the_sdist_has_what_builds_and_tests_it(dist: Path) -> None:
    [sdist] = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        tops = {name.split("/", 1)[1] for name in file.getnames()}
    assert tops >= OURS
    needed = {"pyproject.toml", "Makefile", "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"}
    assert needed | {"supply/dev.txt", "supply/sbom.cdx.json", "tests/conftest.py"} <= tops
    strange = re.compile(r"__pycache__|\.pyc$|(^|/)\.(?!gitignore$)|^dist/|/runs/|\.egg-info")
    assert [name for name in tops if strange.search(name)] == []


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    lock = (ROOT / "supply/run.txt").read_text()
    kept = json.loads((ROOT / "supply/sbom.cdx.json").read_text())
    assert kept == bill(lock), "make lock writes it"
    assert len(list(pins(lock))) == len(kept["components"]) > 20
    refs = [each["bom-ref"] for each in kept["components"]]
    assert len(set(refs)) == len(refs)
    assert {"requests", "kubernetes", "msgspec"} <= {each["name"] for each in kept["components"]}


def test_the_version_stands_in_one_place() -> None:
    places = [
        str(path.relative_to(ROOT))
        for path in [*(ROOT / "migrate").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "Makefile"]
        if re.search(rf"[\"']{re.escape(migrate.__version__)}[\"']", path.read_text())
    ]
    assert places == ["migrate/__init__.py"]
