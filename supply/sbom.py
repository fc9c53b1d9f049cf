"""The bill of materials of what ``pip install`` brings at run time, as CycloneDX 1.6.

``python supply/sbom.py`` writes supply/sbom.cdx.json from supply/run.txt; hatchling puts it into
the wheel (.dist-info/sboms, PEP 770). The same lock gives the same bytes. The SHA-256 of each file
stand in the lock: which of them is installed depends on the machine.
"""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAME = "jenkins-agent-migrate"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)


def pins(lock: str) -> Iterator[tuple[str, str, str]]:
    """(name, version, marker) of each package of a lock."""
    return ((pin[1], pin[2], pin[3] or "") for pin in _PIN.finditer(lock))


def version() -> str:
    """Ours, from the one place where it stands."""
    text = (HERE.parent / "migrate/__init__.py").read_text()
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found is not None
    return found[1]


def bill(lock: str) -> dict[str, Any]:
    """The document."""
    mine = f"pkg:pypi/{NAME}@{version()}"
    components = []
    for name, number, marker in pins(lock):
        purl = f"pkg:pypi/{name}@{number}"
        marked = [{"name": "python:marker", "value": marker}] if marker else []
        components.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": number,
                "purl": purl,
                **({"properties": marked} if marked else {}),
            }
        )
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, mine + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": mine,
                "name": NAME,
                "version": version(),
                "purl": mine,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": mine, "dependsOn": [each["bom-ref"] for each in components]},
            *({"ref": each["bom-ref"]} for each in components),
        ],
    }


def main() -> None:
    """Write it."""
    text = json.dumps(bill((HERE / "run.txt").read_text()), indent=1)
    (HERE / "sbom.cdx.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
